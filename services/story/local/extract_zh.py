"""Reads Chinese premises: names by surname and what follows them, roles beside names, places by suffix, things, times."""

from __future__ import annotations

import re

from services.story.local.data import words
from services.story.local.data import words_zh as w
from services.story.local.facts import Facts, Person

_HAN = re.compile(r"[\u4e00-\u9fff]")
_ROLES = sorted([*w.ROLES, *w.SPECIES], key=len, reverse=True)
_LONG_ROLES = tuple(r for r in _ROLES if len(r) > 2)
_KIN = frozenset(words("父亲 母亲 祖母 奶奶 爷爷 外婆 外公 女儿 儿子 妹妹 姐姐 哥哥 弟弟 妻子 丈夫"))
_NAMED = re.compile(
    r"(?:名叫|叫做|名为|名唤|叫作|叫|化名)[“「]?([\u4e00-\u9fff]{2,3}?|[A-Za-z]{2,20})(?=[”」，。、；！？的在是和与]|$)"
)
_QUOTED = re.compile(r"[“「]([\u4e00-\u9fff]{2,8})[”」]")
_NOT_NAMES = re.compile(
    r"^(?:高中|高考|高手|万人|万年|方法|方式|方面|白天|白色|花店|花瓶|江湖|江南|石头|黄金|马上|马戏|龙头|向来|向她|向他|于是|何时|何人|任何|任务|任意|温柔|温暖|严重|程序|钱财|夏天|秦岭|史上|时间|孔雀|白雪|雷雨|江边|田野|汤圆|石碑|金陵|武林|武功|黄浦|毛衣|顾客|许多|许久|周围|周末|余生|成为|古董|全家|和她|和他|曾经|高楼|高层|白马|白猫|白兔|黑猫)"
)
_PLACE_STOP = re.compile(
    r"[在到回往从于去进来赴的了和与、，。；：！？一座个家间所片这那前老被把是将向里她他它们想最守着本让使用令叫由夜]"
)


def _names(text: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = [(m.start(1), m.group(1)) for m in _NAMED.finditer(text)]
    at = 0
    while at < len(text):
        two = text[at : at + 2] in w.COMPOUND_SURNAMES
        if (
            not (two or text[at] in w.SURNAMES)
            or _NOT_NAMES.match(text[at : at + 4])
            or text.startswith(_LONG_ROLES, at)
        ):
            at += 1
            continue
        before = text[at - 1] if at else ""
        opened = (
            not before or before in w.LEAD_IN or any(text[:at].endswith(r) for r in _ROLES) or not _HAN.match(before)
        )
        head = 2 if two else 1
        for given in (2, 1):
            name, after = text[at : at + head + given], text[at + head + given : at + head + given + 1]
            inner = name[head:]
            if (
                len(inner) < given
                or not all(_HAN.match(c) for c in inner)
                or inner[0] in "，。的在是与和跟被把从向却回不也都将会了着们家市"
            ):
                continue
            if given == 2 and inner[1] in w.FOLLOW and inner[1] not in w.FEMALE_LETTERS | w.MALE_LETTERS:
                continue
            if opened and (
                not after
                or after in w.FOLLOW
                or not _HAN.match(after)
                or any(text[at + head + given :].startswith(r) for r in _ROLES)
            ):
                found.append((at, name))
                at += len(name) - 1
                break
            if text.count(name) > 1 and given == 2 and not any(name.endswith(r) for r in w.ROLES):
                found.append((at, name))
                at += len(name) - 1
                break
        at += 1
    found += [
        (m.start(), m.group())
        for m in re.finditer(r"[A-Z][A-Za-z]{1,15}", text)
        if m.group() not in {"AI", "CEO", "VR", "DNA", "NPC"}
    ]
    found += [
        (m.start(), m.group())
        for m in re.finditer(r"[阿小老][\u4e00-\u9fff](?=[，。、的在是与和跟被把却])", text)
        if m.group()[1] in w.SURNAMES | set("福宝满明黑白花黄豆")
    ]
    return sorted(set(found))


def _role_beside(text: str, at: int, end: int) -> tuple[str, tuple[int, int]]:
    """The role before or after a name, with its span in the text."""
    before = re.sub(r"(?:名叫|叫做|名为|名唤|叫作|叫|化名|[，“「])+$", "", text[:at])
    for role in _ROLES:
        if before.endswith(role):
            start = len(before) - len(role)
            extra = next((m for m in w.ROLE_MODIFIERS if before[:start].endswith(m)), "")
            return extra + role, (start, len(before))
    after = text[end : end + 14]
    found = re.match(
        r"(?:是|，|作为|身为|成为)+(?:一名|一位|一个|一只|个|位|名|只)?([^，。；是和与]{0,6}?)("
        + "|".join(_ROLES)
        + ")(?=[，。、；]|$)",
        after,
    )
    if found and "的" not in found.group(1)[:-1]:
        return found.group(1) + found.group(2), (end + found.start(1), end + found.end(2))
    return "", (-1, -1)


def _gender(name: str, role: str) -> str:
    if any(role.endswith(r) for r in w.FEMALE_ROLES) or "女" in role:
        return "female"
    if any(role.endswith(r) for r in w.MALE_ROLES) or "男" in role:
        return "male"
    if any(c in w.FEMALE_LETTERS for c in name[1:]):
        return "female"
    return "male" if any(c in w.MALE_LETTERS for c in name[1:]) else ""


def _places(text: str, names: list[str]) -> list[str]:
    found: list[tuple[int, str]] = [(text.find(c), c) for c in w.CITIES if c in text]
    for suffix in w.PLACE_SUFFIX:
        for hit in re.finditer(suffix, text):
            end = hit.end()
            start = hit.start()
            while (
                start > 0 and end - start < 6 and _HAN.match(text[start - 1]) and not _PLACE_STOP.match(text[start - 1])
            ):
                start -= 1
            if (
                len(suffix) == 1
                and suffix != "巷"
                and (hit.start() == start or text[end : end + 1] in set("上下"))
                and text[start - 1 : start] not in set("在到回往从")
            ):
                continue
            if (
                len(suffix) == 1 and suffix != "巷" and (start == 0 or text[start - 1] not in "在到回往从于去进的赴")
            ) or (len(suffix) == 1 and end - start > 4):
                continue
            place = text[start:end]
            for name in names:
                place = place.split(name)[-1]
            place = re.sub("^.*(?:" + "|".join(r for r in _ROLES if len(r) > 1) + ")", "", place) or place
            if len(place) > 1 and not any(place in p and place != p for _, p in found):
                found.append((start, place))
    kept = [p for _, p in sorted(found)]
    return [p for p in dict.fromkeys(kept) if not any(p != q and p in q for q in kept)]


def read(facts: Facts) -> None:
    """Fill `facts` with the people, places, things and times of a Chinese premise."""
    text = facts.premise
    spotted = _names(text)
    names = list(dict.fromkeys(n for _, n in spotted))
    facts.places = [p for p in _places(text, names) if p not in names][:5]
    taken: list[tuple[int, int]] = []
    mentioned: list[tuple[int, Person]] = []
    for name in names:
        if any(name != other and name in other for other in names) or any(name in p for p in facts.places):
            continue
        best = ("", (-1, -1))
        spans = [(at, at + len(n)) for at, n in spotted if n == name]
        for at, end in spans:
            best = best if best[0] else _role_beside(text, at, end)
        taken += [*spans, best[1]]
        species = next((s for s in w.SPECIES if best[0].endswith(s)), "")
        negative = any(best[0].endswith(r) for r in w.NEGATIVE_ROLES)
        mentioned.append((spans[0][0], Person(name, best[0], _gender(name, best[0]), species, negative)))
    for role in _ROLES:
        for hit in re.finditer(role, text):
            span = hit.span()
            if any(a < span[1] and span[0] < b for a, b in taken) or re.match(
                r"[的们之]?(?:家|店|院|团|馆)", text[span[1] :]
            ):
                continue
            extra = next((m for m in w.ROLE_MODIFIERS if text[: span[0]].endswith(m)), "")
            if role in _KIN and text[span[1] : span[1] + 1] == "的":
                continue
            if len(role) == 1 and not re.search(r"[只条匹头的]$", text[: span[0]]) and not extra:
                continue
            taken.append((span[0] - len(extra), span[1]))
            if any(p.role.endswith(role) for _, p in mentioned) or role in {"邻居", "运动员"}:
                continue
            species = role if role in w.SPECIES else ""
            mentioned.append(
                (span[0], Person("", extra + role, _gender("", extra + role), species, role in w.NEGATIVE_ROLES))
            )
    facts.people += [p for _, p in sorted(mentioned, key=lambda m: m[0])]
    things = [(text.find(t), t) for t in w.THINGS if t in text and (len(t) > 1 or re.search(f"[封幅把的张]{t}", text))]
    facts.things = [t for _, t in sorted(things) if not any(t != u and t in u for _, u in things)]
    facts.times = [t for t in w.TIMES if t in text]
