"""What to say where: values for the fields of a drama (and of most other answers) by the field's name and place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from simulator.content.prompt import Prompt
from simulator.content.words import ACCENTS, EMOTIONS, FEELINGS, PACES, PITCHES, STYLES, TONES
from simulator.jsons import Json, as_dict, as_str

_COUNTS = {"character": 4, "episode": 2, "scene": 3, "asset": 2, "line": 3, "dialogue": 3}
_PEOPLE = ("characters", "cast")
_IMAGE, _VIDEO = "storyboard", "clip"


@dataclass
class Frame:
    """A place in the answer: property `name` (or item `index` of the list `name`) of `parent`; `value` is what is being built.

    `base` is the value that the prompt's own JSON has at this place (an existing drama to improve), or None.
    """

    name: str
    parent: Frame | None = None
    index: int = 0
    value: Json = field(default_factory=dict)
    siblings: list[object] = field(default_factory=list)
    base: object = None

    def above(self, name: str) -> Frame | None:
        """Return the nearest enclosing item of the list `name`, or None."""
        frame = self.parent
        while frame is not None and frame.name != name:
            frame = frame.parent
        return frame


@dataclass(frozen=True)
class Person:
    """A made-up member of the cast."""

    id: str
    name: str
    gender: str


class Teller:
    """Chooses values from one prompt; the same prompt always yields the same choices."""

    def __init__(self, prompt: Prompt) -> None:
        self._prompt = prompt
        self._dice = prompt.dice()
        self._people: list[Person] = []
        self._used: set[str] = set()

    def person(self, index: int) -> Person:
        """Return the made-up character number `index`: names of the premise first, then the language's own."""
        while len(self._people) <= index:
            at, lexicon = len(self._people), self._prompt.lexicon
            taken = {p.name for p in self._people}
            gender = "female" if (at + self._prompt.digest[0]) % 2 else "male"
            bank = lexicon.women if gender == "female" else lexicon.men
            free = [n for n in self._prompt.names if n not in taken][:1] if at < 2 else []
            free = free or [n for n in bank if n not in taken] or [f"{bank[at % len(bank)]} {at + 1}"]
            name = free[0] if len(free) == 1 else self._dice.choice(free)
            slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
            self._people.append(Person(f"char_{slug}" if slug else f"char_{at + 1:02d}", name, gender))
        return self._people[index]

    def cast(self) -> list[tuple[str, str]]:
        """Return (id, name) of everybody known: made up in this answer, else brought by the prompt."""
        return [(p.id, p.name) for p in self._people] or list(self._prompt.cast)

    def sentence(self, patterns: tuple[str, ...], at: int) -> str:
        """Return one sentence from `patterns` with names of the cast and words of the prompt filled in."""
        names = [name for _, name in self.cast()] or [self.person(0).name, self.person(1).name]
        words = self._prompt.words
        a, b = names[at % len(names)], names[(at + 1) % len(names)]
        w = words[(at + self._dice.randrange(len(words))) % len(words)]
        v = words[(words.index(w) + 1) % len(words)]
        return patterns[(at + self._prompt.digest[1]) % len(patterns)].format(a=a, b=b, w=w, v=v)

    def voice(self, at: int) -> str:
        """Return a voice in the six qualities that voice makers ask for."""
        d = self._dice
        return (
            f"Tone: {d.choice(TONES)}; pitch: {PITCHES[(at + d.randrange(2)) % len(PITCHES)]}; pace: {d.choice(PACES)}; "
            f"accent: {d.choice(ACCENTS)}; emotional quality: {d.choice(FEELINGS)}; speaking style: {d.choice(STYLES)}."
        )

    def length(self, frame: Frame, schema: Json, of_objects: bool) -> int:
        """Return how many items a list gets, before the schema's own limits are applied."""
        name = frame.name
        if exact := re.search(r"exactly (\d+)", as_str(schema.get("description")), re.I):
            return int(exact[1])
        if not of_objects:
            return len(self.references(frame)) if _refers(name) else 2
        if name == "scenes" and self._prompt.wants_empty_scenes and frame.above("episodes"):
            return 0
        noun = name[:-1] if name.endswith("s") else name
        return self._prompt.count(noun) or _COUNTS.get(noun, 2)

    def references(self, frame: Frame) -> list[str]:
        """Return the ids that a list such as `depends_on` names: a clip its picture, everything else the cast (at most 3)."""
        holder = frame.parent
        kind = as_str(holder.value.get("kind")) if holder else ""
        if holder and kind == "video":
            return [as_str(s["id"]) for s in map(as_dict, holder.siblings) if s.get("kind") == "image" and "id" in s][
                -1:
            ]
        cast, at = self.cast(), (holder.parent.index if holder and holder.parent else 0)
        return [cast[(at + k) % len(cast)][0] for k in range(min(2 + at % 2, len(cast), 3))]

    def string(self, frame: Frame) -> str:
        """Return the text of one property."""
        name, item = frame.name, frame.parent
        at = item.index if item else 0
        in_cast = item is not None and item.name in _PEOPLE
        if name == "id" or (name.endswith("_id") and item is not None and name[:-3] + "s" == item.name):
            return self._identity(item, at)
        if name.endswith(("_id", "_ids")) or name in ("speaker", "depends_on"):
            return self._reference(frame, at)
        lexicon = self._prompt.lexicon
        if in_cast and name == "name":
            return self.person(at).name
        fixed = {
            "gender": self.person(at).gender if in_cast else "other",
            "voice_description": self.voice(at),
            "language": self._prompt.language,
            "emotion": EMOTIONS[(at + self._prompt.digest[2]) % len(EMOTIONS)],
            "style": "anime",
        }
        if name in fixed:
            return fixed[name]
        if name in ("title", "name"):
            return self.sentence(lexicon.titles, at)
        if name in ("prompt", "image_prompt", "video_prompt", "visual", "shot"):
            return self.sentence(lexicon.pictures, at + (item.parent.index if item and item.parent else 0))
        if name in ("text", "line") and item is not None and item.name in ("dialogue", "lines"):
            return self.sentence(lexicon.lines, at + (item.parent.index if item.parent else 0))
        if in_cast:
            return lexicon.looks[at % len(lexicon.looks)].format(
                a=self.person(at).name, w=self._dice.choice(self._prompt.words), v=self._prompt.words[0]
            )
        if name in ("description", "summary", "logline", "synopsis", "premise", "outline"):
            return self.sentence(lexicon.plots, at)
        return self.sentence(lexicon.notes, at)

    def revise(self, frame: Frame, old: str) -> str:
        """Return an existing text as an improvement leaves it: prose gains a sentence, names and ids stay."""
        if frame.name in ("description", "summary", "logline"):
            return f"{old} {self.sentence(self._prompt.lexicon.plots, len(old) % 7)}".strip()
        return old

    def adopt(self, characters: list[object]) -> None:
        """Take over an existing cast, so that every later sentence speaks of it."""
        for c in map(as_dict, characters):
            if as_str(c.get("id")):
                gender = as_str(c.get("gender")) or "other"
                self._people.append(Person(as_str(c["id"]), as_str(c.get("name")) or as_str(c["id"]), gender))

    def _identity(self, item: Frame | None, at: int) -> str:
        scene = item.above("scenes") if item else None
        episode = item.above("episodes") if item else None
        if item is None or not item.name:
            wanted = "_".join(re.findall(r"[a-z0-9]+", " ".join(self._prompt.words[:3]))) or "drama"
        elif item.name in _PEOPLE:
            wanted = self.person(at).id
        elif item.name == "episodes":
            wanted = f"ep{at + 1:02d}"
        elif item.name == "scenes":
            wanted = (
                f"{(as_str(episode.value.get('id')) if episode else self._prompt.episode_id) or 'ep01'}_s{at + 1:02d}"
            )
        elif item.name == "assets" and scene is not None:
            kind = as_str(item.value.get("kind")) or ("video" if at % 2 else "image")
            wanted = f"{as_str(scene.value.get('id')) or 'scene'}_{_VIDEO if kind == 'video' else _IMAGE}"
        else:
            wanted = f"{item.name[:-1] if item.name.endswith('s') else item.name}_{at + 1:02d}"
        identity, n = wanted, 2
        while identity in self._used:
            identity, n = f"{wanted}_{n}", n + 1
        self._used.add(identity)
        return identity

    def _reference(self, frame: Frame, at: int) -> str:
        if frame.name.startswith("episode"):
            episode = frame.above("episodes")
            return (as_str(episode.value.get("id")) if episode else self._prompt.episode_id) or "ep01"
        if frame.name.startswith("scene") and (scene := frame.above("scenes")):
            return as_str(scene.value.get("id"))
        if frame.name == "depends_on":
            return (self.references(frame) or [""])[0]
        cast = self.cast()
        holder = frame.parent.parent if frame.parent else None
        return cast[(at + (holder.index if holder else 0)) % len(cast)][0] if cast else ""


def _refers(name: str) -> bool:
    return name in ("depends_on", "characters", "cast", "character_ids", "references") or name.endswith("_ids")
