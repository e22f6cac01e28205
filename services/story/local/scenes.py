"""Writes the scenes of one episode: the beats of its description become pictures, lines and prompts."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kit.wording import Language, detect_language
from services.story.local.cast import parts, seats_of
from services.story.local.facts import Anchor, Facts, read_premise
from services.story.local.grammar import Beat, find, render
from services.story.local.matter import with_event
from services.story.local.outline import banned_in, clue_slots, drama_text, people_slots, place_slots, settings
from services.story.local.shapes import Plan, beats, choose_shape, pool_of, recover_plan
from services.story.local.text import clean, polish, sentences
from services.story.local.turns import Talk, speech_seconds
from services.story.models import AssetLite, CharacterLite, DramaLite, SceneLite

__all__ = ["speech_seconds", "write_scenes"]


@dataclass(frozen=True)
class Step:
    """One scene to write: a beat of the grammar and the sentence of the episode that it tells."""

    beat: Beat
    told: str


def _expand(beat: Beat, plan: Plan) -> str:
    """The beat's summary with whole sentences of the plan put in, so that it can be found in a text."""

    def sentence(match: re.Match[str]) -> str:
        return plan.chosen[match.group(1)].partition(" // ")[0]

    return re.sub(r"\{(incite|climax|ending|secret|secret2|threat)\}", sentence, beat.summary)


def _steps(description: str, plan: Plan, language: Language) -> list[Step]:
    """Return the beats that `description` was told by, in order; sentences of another hand are not among them."""
    spans: list[tuple[int, int, Beat]] = []
    for beat in beats(language):
        span = find(_expand(beat, plan), description)
        if span is not None:
            spans.append((*span, beat))
    own = plan.chosen["incite"] not in plan.shape.fields["incite"]
    spans = [s for s in spans if not (s[2].key == "incite" and own)]
    # Beats whose summary is the event alone cannot be told apart; the length of the text chooses one of them for good.
    turned = len(description) % 2
    spans.sort(key=lambda s: (s[0], -s[1], s[2].key.startswith("ev_") != own, (s[2].key == "ev_told") != bool(turned)))
    kept: list[tuple[int, int, Beat]] = []
    for one in spans:
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
        elif one[1] - one[0] > kept[-1][1] - kept[-1][0]:
            kept[-1] = one
    starts = [s[0] for s in kept] + [len(description)]
    out: list[Step] = []
    for n, (start, _, beat) in enumerate(kept):
        whole = sentences(description[_begin(description, start) : starts[n + 1]])
        until = _begin(description, starts[n + 1])
        text = description[_begin(description, start) : max(until, start + 1)].strip()
        out.append(Step(beat, text or " ".join(whole)))
    return out


def _begin(text: str, at: int) -> int:
    """Where the sentence around position `at` begins."""
    if at >= len(text):
        return len(text)
    marks = [m.end() for m in re.finditer(r"[.!?。！？…][\"”’」]*\s*", text[:at])]
    return marks[-1] if marks else 0


def _plan_steps(description: str, plan: Plan, rng: random.Random, facts: Facts, *, last: bool) -> list[Step]:
    """Return three to five steps: those told in the description, its other sentences, and beats to fill."""
    language, banned = facts.language, banned_in(facts)
    steps = _steps(description, plan, language)
    used = {s.beat.key for s in steps}
    filler = [b for b in pool_of("C", language, banned) if b.key not in used]
    rng.shuffle(filler)
    if len(steps) < 3:
        covered = "".join(s.told for s in steps)
        others = [s for s in sentences(description) if s not in covered]
        fresh = [Step(filler.pop(), s) for s in others[: 4 - len(steps)] if filler]
        steps = [s for s in steps if s.beat.phase != "H"] + fresh + [s for s in steps if s.beat.phase == "H"]
    if not last and (not steps or steps[-1].beat.phase != "H"):
        hooks = pool_of("H", language, banned)
        steps = [*steps[:4], Step(rng.choice(hooks), "")]
    at = 1 if steps and steps[0].beat.phase == "S" else 0
    while len(steps) < 3:
        steps.insert(min(at, len(steps)), Step(filler.pop(), ""))
        at += 1
    return steps[:4] + steps[-1:] if len(steps) > 5 else steps


def _looks(character: CharacterLite, language: Language) -> str:
    """What the painter must see of a character: name and looks, without the inner life."""
    text = clean(character.description)
    told = sentences(text)
    joint = "" if language == "zh" else " "
    looks = (joint.join(told[:-1]) if len(told) > 1 else text).rstrip(" ,;。.")
    return looks if character.name in looks else f"{clean(character.name)}, {looks}"


def write_scenes(drama: DramaLite, premise: str, episode_id: str, *, seed: int = 0) -> list[SceneLite]:
    """Return three to five scenes of the episode `episode_id` of `drama`, each with two to four lines and two assets.

    The scenes follow the episode's description, whoever wrote it, and every scene's lines take about eight seconds.
    Raises KeyError when the drama has no such episode and ValueError when it has no characters.
    """
    episode = next((e for e in drama.episodes if e.id == episode_id), None)
    if episode is None:
        raise KeyError(f"no episode {episode_id!r} in the drama")
    if not drama.characters:
        raise ValueError("a drama without characters has no scenes")
    language = detect_language(f"{drama.title} {drama.description} {episode.description}")
    facts = read_premise(premise)
    facts = Facts(
        language,
        facts.premise,
        facts.core,
        facts.people,
        facts.places,
        facts.things if facts.language == language else [],
        facts.times,
        anchor=facts.anchor if facts.language == language else Anchor(),
    )
    rng = random.Random(f"{premise}\n{seed}\n{episode_id}\nscenes")
    shape = choose_shape(drama_text(drama) + facts.premise, language, animal=any(p.species for p in facts.people[:1]))
    plan = recover_plan(drama_text(drama), shape, facts.things, rng, language, banned_in(facts))
    plan = with_event(plan, facts, drama.characters)
    seats = seats_of(drama.characters, language)
    people = people_slots(seats, {}, language)
    turn = drama.episodes.index(episode)
    steps = _plan_steps(clean(episode.description), plan, rng, facts, last=turn == len(drama.episodes) - 1)
    rooms = settings(facts.premise, language)
    deck = _Decks(rng, language, rooms)
    talk = Talk(seats, rng, language, random.Random(f"{premise}\n{seed}\nturns"), turn)
    found: list[SceneLite] = []
    for n, step in enumerate(steps, 1):
        named = [p for p in facts.places if p in step.told]
        where = {**place_slots(facts.places, turn, language)}
        if named:
            where = place_slots(named, 0, language)
        room = next((r for r in rooms if r in step.told), deck.draw("room"))
        base = {**people, **clue_slots(plan.chosen["clue"], facts), **where, "sub": room}
        slots = plan.slots(base, rng, language)
        if n == 1:
            talk.reserve(steps[-1].beat, slots)
        found.append(_scene(f"{episode_id}_s{n:02d}", step, slots, seats, deck, talk, rng, language))
    return found


class _Decks:
    """Deals light, time, mood and camera so that no two scenes of an episode look the same."""

    def __init__(self, rng: random.Random, language: Language, rooms: tuple[str, ...]) -> None:
        lists = parts(language)
        decks = {
            "room": rooms,
            "time": lists.TIMES,
            "mood": lists.MOODS,
            "warm": lists.WARM,
            "framing": lists.FRAMINGS,
            "camera": lists.CAMERAS,
        }
        self._left = {k: rng.sample(v, len(v)) for k, v in decks.items()}
        self._at = dict.fromkeys(decks, 0)

    def time(self, light: str) -> tuple[str, str]:
        """Return the next time of day and its light; `light` is dawn, day, night or empty for any."""
        for _ in range(len(self._left["time"])):
            kind, time, look = self.draw("time").split("|")
            if light in ("", kind):
                return time, look
        raise LookupError(f"no time of day is {light}")

    def draw(self, name: str) -> str:
        """Return the next value of the deck `name`."""
        self._at[name] += 1
        return self._left[name][self._at[name] % len(self._left[name])]


def _scene(
    scene_id: str,
    step: Step,
    slots: Mapping[str, str],
    seats: Mapping[str, CharacterLite],
    deck: _Decks,
    talk: Talk,
    rng: random.Random,
    language: Language,
) -> SceneLite:
    lists = parts(language)
    lines = talk.lines(step.beat, slots)
    action = render(step.beat.action, slots, rng, language)
    seen = list(dict.fromkeys(seats[role].id for role in step.beat.roles if role in seats))[:3]
    by_id = {c.id: c for c in seats.values()}
    told = step.told or render(step.beat.summary, slots, rng, language)
    place = slots["place"]
    action = _once(action, told, slots["sub"], language)
    warm = step.beat.phase == "E" or step.beat.key == "kindness"
    time, light = deck.time(step.beat.light)
    values = {
        "place": place[:1].upper() + place[1:],
        "time": time,
        "summary": told,
        "action": action,
        "mood": deck.draw("warm" if warm else "mood"),
        "sub": slots["sub"],
        "light": light,
        "framing": deck.draw("framing"),
        "camera": deck.draw("camera"),
        "who": " ".join(_looks(by_id[c], language) + ("。" if language == "zh" else ".") for c in seen),
    }
    values["says"] = " ".join(
        _put(
            lists.SAYS,
            {
                "name": clean(by_id[d.character_id].name) or d.character_id,
                "emotion": lists.EMOTION_WORDS[d.emotion],
                "text": d.text,
            },
        )
        for d in lines
    )
    image, clip = f"{scene_id}_storyboard", f"{scene_id}_clip"
    assets = [
        AssetLite(
            id=image, kind="image", depends_on=seen, prompt=polish(_put(lists.IMAGE, values), language), duration=None
        ),
        AssetLite(
            id=clip, kind="video", depends_on=[image], prompt=polish(_put(lists.VIDEO, values), language), duration=10
        ),
    ]
    return SceneLite(
        id=scene_id,
        description=_described(values, language),
        dialogue=lines,
        assets=assets,
    )


def _once(action: str, told: str, room: str, language: Language) -> str:
    """The picture without its room where the sentence before has named it already."""
    if room not in told:
        return action
    if language == "en":
        return re.sub(rf",? in {re.escape(room)}(?=[;,.: ])", "", action, count=1)
    if language == "zh":
        return re.sub(rf"^{re.escape(room)}(?:里|，)+", "", action)
    return re.sub(rf"^{re.escape(room)}(?:에서|,) ?", "", action)


def _described(values: Mapping[str, str], language: Language) -> str:
    """The scene in words: a heading with place, room and time as far as what follows does not name them, then the rest."""
    rest = [values["summary"], values["action"], values["mood"]]
    body = " ".join(rest).lower()
    comma, stop = ("，", "。") if language == "zh" else (", ", ". ")
    place, room = values["place"], values["sub"]
    head = [w for w in (place, room) if w.lower().removeprefix("the ") not in body]
    heading = comma.join([*head, values["time"]])
    heading = heading[:1].upper() + heading[1:]
    joint = "" if language == "zh" else " "
    return polish(heading + stop + joint.join(rest), language)


def _put(pattern: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)], pattern)
