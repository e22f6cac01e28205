"""The grammar of the tables: `[a|b]` chooses, `{slot}` is filled; a rendered text can be found again by its template."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kit.media.specs import EMOTIONS
from kit.wording import Language
from services.story.local.text import polish

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([A-Za-z][A-Za-z0-9_.]*)\}")
_SEAM = re.compile(
    r"(\{[^{}]*\}|\[[^\[\]]*\]|\b[Aa]n? |은/는|이/가|을/를|와/과|으로/로|이라/라|이여/여|아/야|이었/였|이에/예|이랑/랑|이나/나)"
)
_LINE = re.compile(r"([A-Z]):(\w+): (.+)")
_WINDOW = 220  # a slot's value is never longer than this many characters


@dataclass(frozen=True)
class Beat:
    """One step of a story: a summary for the episode, a picture for the scene and an exchange of lines.

    `phase` is one letter: S setup, I inciting, C complication, M midpoint secret, R reversal, D dark hour, X climax,
    E ending, H hook. `lines` are (role, emotion, text) templates; `light` is dawn, day or night where
    the picture needs it.
    """

    key: str
    phase: str
    summary: str
    action: str
    lines: tuple[tuple[str, str, str], ...]
    light: str = ""

    @property
    def roles(self) -> list[str]:
        """The roles seen in the scene, in order of speaking and then of appearing in the picture."""
        named = [role for role, _, _ in self.lines] + re.findall(r"\{([A-Z])(?:\.\w+)?\}", self.action)
        return list(dict.fromkeys(named))


@cache
def parse_beats(table: str, joint: str) -> tuple[Beat, ...]:
    """Return the beats of a table text. A line that begins with a space continues the line before, joined by `joint`."""
    beats: list[Beat] = []
    for block in re.split(r"\n\s*\n", table.strip()):
        rows = re.sub(r"\n +", lambda _: joint, block).split("\n")
        head, summary, action = rows[0].split(), rows[1], rows[2]
        if head[0] != "#" or not summary.startswith("= ") or not action.startswith("~ "):
            raise ValueError(f"a beat is # phase key, = summary, ~ action, lines; found {block[:80]!r}")
        lines: list[tuple[str, str, str]] = []
        for row in rows[3:]:
            found = _LINE.fullmatch(row)
            if found is None or found.group(2) not in EMOTIONS:
                raise ValueError(f"a line is ROLE:emotion: text; found {row!r}")
            lines.append((found.group(1), found.group(2), found.group(3)))
        beats.append(Beat(head[2], head[1], summary[2:], action[2:], tuple(lines), head[3] if len(head) > 3 else ""))
    return tuple(beats)


def render(template: str, slots: Mapping[str, str], rng: random.Random, language: Language) -> str:
    """Return `template` with its choices made by `rng` and its slots filled, polished. Raises KeyError for an unknown slot."""
    while "[" in template:
        template = _CHOICE.sub(lambda m: rng.choice(m.group(1).split("|")), template)
    return polish(_SLOT.sub(lambda m: slots[m.group(1)], template), language)


def _pieces(part: str) -> list[str]:
    return [p.strip() for p in _SEAM.split(part) if p and not _SEAM.fullmatch(p) and p.strip()]


@cache
def _skeleton(template: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """The fixed pieces of a template in order; each element lists alternatives, each of them a run of fixed pieces."""
    found: list[tuple[tuple[str, ...], ...]] = []
    for part in re.split(r"(\[[^\[\]]*\])", template):
        options = part[1:-1].split("|") if part.startswith("[") else [part]
        runs = tuple(tuple(p.casefold() for p in _pieces(o)) for o in options)
        if any(runs):
            found.append(runs)
    return tuple(found)


def _run_from(skeleton: tuple[tuple[tuple[str, ...], ...], ...], low: str, begin: int) -> int | None:
    """Where the skeleton ends in `low` when its first piece is taken at `begin`, or None."""
    at = begin
    for n, runs in enumerate(skeleton):
        ends: list[int] = []
        for run in runs:
            pos, first = at, n == 0
            for piece in run:
                hit = low.find(piece, pos, (begin if first else pos + _WINDOW) + len(piece))
                if hit < 0:
                    break
                pos, first = hit + len(piece), False
            else:
                ends.append(pos)
        if not ends:
            return None
        at = max(ends)
    return at


def find(template: str, text: str) -> tuple[int, int] | None:
    """Return where the tightest rendering of `template` begins and ends in `text`, or None. Slots may hold anything short.

    Each fixed piece is looked for once, in order, within a window after the piece before, from every place where the
    first piece stands (64 at most).
    """
    low, skeleton = text.casefold(), _skeleton(template)
    firsts = {run[0] for run in skeleton[0] if run} if skeleton else set()
    best: tuple[int, int] | None = None
    for first in firsts:
        begin = low.find(first)
        for _ in range(64):
            if begin < 0:
                break
            end = _run_from(skeleton, low, begin)
            if end is not None and end - begin >= 4 and (best is None or end - begin < best[1] - best[0]):
                best = (begin, end)
            begin = low.find(first, begin + 1)
    return best
