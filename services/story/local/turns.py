"""Completes the talk of a scene: three or four lines that fill a clip, name what is at stake and end each its own way."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kit.wording import Language
from services.story.local.grammar import Beat, render
from services.story.local.shapes import table
from services.story.models import CharacterLite, DialogueLite

SHORTEST, LONGEST, FEWEST, MOST = 7.0, 9.4, 3, 4
_PER_SECOND = {"en": 2.6, "zh": 4.2, "ko": 4.2}
_TURN = re.compile(r"(end|open|rest|start) ([LAO]) (\w+): (.+)")


def speech_seconds(text: str, language: Language) -> float:
    """Return about how many seconds `text` takes to say: 2.6 words, or 4.2 Chinese or Korean syllables, a second."""
    units = len(text.split()) if language == "en" else len(re.findall(r"\w", text))
    return units / _PER_SECOND[language] + 0.25


def ending_kind(line: DialogueLite) -> tuple[str, str]:
    """Return what kind of line this is as the last of a scene: its emotion and its closing mark."""
    mark = re.search(r"[?!…？！]|\.\.\.|[.。]", line.text[-3:])
    return line.emotion, {"？": "?", "！": "!", "。": ".", "...": "…"}.get(
        found := mark.group() if mark else ".", found
    )


_UNRESOLVED: dict[str, tuple[str, ...]] = {
    "L": ("afraid", "surprised", "sad", "neutral"),
    "A": ("happy", "neutral", "determined"),
}
"""Emotions that a climax has left behind."""
_PLURAL = {
    "was": "were",
    "has": "have",
    "is": "are",
    "belongs": "belong",
    "costs": "cost",
    "brings": "bring",
    "stays": "stay",
    "led": "led",
    "goes": "go",
}


def agreed(text: str, matter: str) -> str:
    """Return English `text` with the verbs after `matter` in the plural, if it is one."""
    if not re.search(r"[^s]s$", matter):
        return text
    pattern = rf"({re.escape(matter)}) ({'|'.join(_PLURAL)})\b"
    return re.sub(pattern, lambda m: f"{m.group(1)} {_PLURAL[m.group(2)]}", text, flags=re.IGNORECASE)


@dataclass(frozen=True)
class Turn:
    """A line that can open (`open`), close (`end`) or round off (`rest`) a scene, `start` the first; `who` is L, A or O for the others."""

    side: str
    who: str
    emotion: str
    text: str


@cache
def turns(language: Language) -> tuple[Turn, ...]:
    """Return the turns of `language`. Raises ValueError for a row that is none."""
    found = []
    for row in table(language, "turns").strip().split("\n"):
        hit = _TURN.fullmatch(row)
        if hit is None:
            raise ValueError(f"a turn is side who emotion: text; found {row!r}")
        found.append(Turn(*hit.groups()))
    return tuple(found)


class Talk:
    """The talk of one episode: remembers which turns were taken and how scenes ended, so that none repeats."""

    def __init__(
        self,
        seats: Mapping[str, CharacterLite],
        rng: random.Random,
        language: Language,
        order: random.Random,
        part: int,
    ) -> None:
        """Take `order`, the same for every episode of a drama, and which `part` of it this episode may use first."""
        self._seats, self._rng, self._language = seats, rng, language
        whole = order.sample(turns(language), len(turns(language)))
        self._mine = {t.text for n, t in enumerate(whole) if n % 3 == part % 3}
        self._taken: set[str] = set()
        self._kinds: set[tuple[str, str]] = set()

    def reserve(self, beat: Beat, slots: Mapping[str, str]) -> None:
        """Keep the way the episode's last scene ends for that scene alone."""
        _, mood, text = beat.lines[-1]
        said = render(text, slots, random.Random(0), self._language)
        self._kinds.add(ending_kind(DialogueLite(character_id="", text=said, emotion=mood)))

    def seconds(self, lines: list[DialogueLite]) -> float:
        """Return how long `lines` take to say, in seconds."""
        return sum(speech_seconds(line.text, self._language) for line in lines)

    def lines(self, beat: Beat, slots: Mapping[str, str]) -> list[DialogueLite]:
        """Return three or four lines for `beat`, about 7 to 9.4 seconds long, in which somebody or something is named."""
        said = self._said(beat, slots)
        whole = " ".join(line.text for line in said).lower()
        known = [
            slots[k]
            for k in ("matter", "matter2", "place", *self._seats)
            if slots.get(k) and slots[k] != slots.get("clue")
        ]
        if any(name.lower() in whole for name in known):
            return said
        other = next((line.character_id for line in said if line.character_id != said[0].character_id), "")
        part = next((p for p, c in self._seats.items() if c.id == other), "")
        if part:
            mark = "！" if self._language == "zh" else "! "
            called = f"{slots[part]}{mark}{said[0].text}"
            longer = speech_seconds(called, self._language) - speech_seconds(said[0].text, self._language)
            if self.seconds(said) + longer <= LONGEST + 0.1:
                said[0].text = called
        return said

    def _said(self, beat: Beat, slots: Mapping[str, str]) -> list[DialogueLite]:
        said = [
            DialogueLite(
                character_id=self._seats[role].id, text=render(text, slots, self._rng, self._language), emotion=e
            )
            for role, e, text in beat.lines
        ]
        if beat.phase in "HE":
            while len(said) >= FEWEST and self.seconds(said) > LONGEST:
                said.pop(0)
            side = "open" if beat.phase == "H" else "rest"
            while len(said) < MOST and (len(said) < FEWEST or self.seconds(said) < SHORTEST or len(said) == 3):
                opener = self._pick(side, beat, slots, said, front=True)
                if opener is None:
                    break
                said.insert(0, opener)
            return said
        whole = list(said)
        side = "start" if beat.phase == "S" else "end"
        closing = self._pick(side, beat, slots, said, front=False)
        # An exchange that fills its clip stays whole, unless an earlier scene has ended in the same way.
        full = self.seconds(said) > LONGEST or ending_kind(said[-1]) in self._kinds
        if closing is None and len(said) >= FEWEST and full:
            said.pop(0)
            closing = self._pick(side, beat, slots, said, front=False)
        if closing is not None:
            said.append(closing)
        if len(said) < FEWEST or (len(said) < MOST and self.seconds(said) < SHORTEST):
            opener = self._pick("open", beat, slots, said, front=True)
            said = [opener, *said] if opener is not None else said
        if self.seconds(said) > LONGEST or len(said) < FEWEST:
            said = whole if self.seconds(whole) <= LONGEST + 0.1 else said
        while len(said) > FEWEST and self.seconds(said) > LONGEST:
            said.pop(0)
        self._kinds.add(ending_kind(said[-1]))
        return said

    def _pick(
        self, side: str, beat: Beat, slots: Mapping[str, str], said: list[DialogueLite], *, front: bool
    ) -> DialogueLite | None:
        """A turn for somebody in the scene who is not the neighbour in the talk; of a fitting length where there is one."""
        neighbour = (said[0] if front else said[-1]).character_id if said else ""
        roles = [r for r in beat.roles if r in self._seats and self._seats[r].id != neighbour]
        roles = roles or [r for r in "LPAF" if self._seats[r].id != neighbour] or ["L"]
        options: list[tuple[DialogueLite, str]] = []
        for turn in turns(self._language):
            if turn.side != side or turn.text in self._taken:
                continue
            if beat.phase == "X" and side == "end" and turn.emotion in _UNRESOLVED.get(turn.who, _UNRESOLVED["L"]):
                continue
            role = next((r for r in roles if turn.who == (r if r in "LA" else "O")), None)
            if role is None:
                continue
            text = render(turn.text, slots, self._rng, self._language)
            text = agreed(text, slots["matter"]) if self._language == "en" else text
            options.append(
                (DialogueLite(character_id=self._seats[role].id, text=text, emotion=turn.emotion), turn.text)
            )
        if not options:
            return None
        self._rng.shuffle(options)
        now = self.seconds(said)
        fresh = [o for o in options if front or ending_kind(o[0]) not in self._kinds] or options
        total = {o[1]: now + speech_seconds(o[0].text, self._language) for o in fresh}
        fit = [o for o in fresh if SHORTEST <= total[o[1]] <= LONGEST]
        short = [o for o in fresh if total[o[1]] < SHORTEST]
        if not fit and not short and len(said) >= FEWEST:
            return None
        fit.sort(key=lambda o: o[1] not in self._mine)
        best = fit[0] if fit else max(short or fresh, key=lambda o: total[o[1]] if short else -total[o[1]])
        self._taken.add(best[1])
        return best[0]
