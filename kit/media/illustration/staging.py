"""Placing actors in the frame: who is seen, how near, how they stand and what they feel first."""

from __future__ import annotations

import random
from dataclasses import dataclass

from kit.media.illustration import words
from kit.media.illustration.figure.person import PIVOT, Pose
from kit.media.illustration.look import Look
from kit.media.specs import EMOTIONS, CharacterSpec, SceneSpec

FRAME = (1080, 1920)
"""The frame in which places are given; the real one is this one scaled."""

FRAMINGS: words.Table = (
    ("close-up", "close-up|closeup|close up|tight shot|extreme close|特写|近景|클로즈업|얼굴 가까이"),
    ("wide", "wide shot|establishing|long shot|from afar|in the distance|panorama|全景|远景|와이드|원경|전경"),
)
_FEELINGS: words.Table = (
    ("sad", "cry|crying|cries|tears|weep|weeping|sob|grief|mourn|heartbroken|哭|泪|悲|伤心|눈물|운다|울며|슬픔|슬픈"),
    ("angry", "angry|anger|furious|rage|shout|shouting|slams|愤怒|怒|吼|分노|분노|화난|소리친"),
    ("afraid", "afraid|fear|terrified|scared|trembling|panic|害怕|恐惧|惊恐|颤抖|두려|공포|겁|떨며"),
    ("surprised", "shock|shocked|stunned|surprised|gasp|astonished|震惊|惊讶|愣住|놀란|놀라|충격"),
    ("tender", "kiss|embrace|embracing|hug|tender|gentle|gently|lovers|温柔|拥抱|吻|포옹|키스|다정"),
    ("happy", "smile|smiles|smiling|laugh|laughs|laughing|joy|celebrate|cheerful|微笑|笑|高兴|미소|웃|기쁜|기뻐"),
    ("determined", "determined|resolute|vow|vows|swears|confront|confronts|坚定|发誓|对峙|결심|맹세|대치"),
)


@dataclass(frozen=True)
class Mark:
    """Where one actor stands: the middle of the eyes at `x`, `y` of `FRAME`, `size` pixels per figure unit, the pose, the first emotion."""

    character: CharacterSpec
    look: Look
    x: float
    y: float
    size: float
    pose: Pose
    emotion: str


def framing_of(scene: SceneSpec, count: int) -> str:
    """Return `close-up`, `medium`, `two-shot`, `group` or `wide`."""
    asked = words.first(scene.description, FRAMINGS) or words.first(scene.prompt, FRAMINGS)
    if asked == "wide" or (asked == "close-up" and count == 1):
        return asked
    return {0: "wide", 1: "medium", 2: "two-shot"}.get(count, "group")


def actors_of(scene: SceneSpec) -> tuple[CharacterSpec, ...]:
    """Return at most three of the cast: those who speak, in the order of their first lines; without any speaker the main ones first."""
    by_id = {member.id: member for member in scene.cast}
    speaking = [name for name in dict.fromkeys(line.character_id for line in scene.lines) if name in by_id]
    if (
        "close-up" in (words.first(scene.description, FRAMINGS), words.first(scene.prompt, FRAMINGS))
        and len(speaking) == 1
    ):
        return (by_id[speaking[0]],)
    others = sorted((name for name in by_id if name not in speaking), key=lambda name: not by_id[name].main)
    named = [
        name
        for name in others
        if by_id[name].name and by_id[name].name.lower() in f"{scene.description} {scene.prompt}".lower()
    ]
    limit = 3 if len(speaking) > 2 else 2
    chosen = (speaking + named + ([] if speaking else others))[:limit]
    return tuple(by_id[name] for name in dict.fromkeys(chosen))


def emotions_of(scene: SceneSpec, character_id: str) -> tuple[str, ...]:
    """Return the emotions of an actor's lines in order of appearance, or the one that the description suggests."""
    said = [
        line.emotion if line.emotion in EMOTIONS else "neutral"
        for line in scene.lines
        if line.character_id == character_id
    ]
    return tuple(dict.fromkeys(said)) or (words.first(scene.description, _FEELINGS) or "neutral",)


def stage(scene: SceneSpec, looks: dict[str, Look]) -> tuple[str, list[Mark]]:
    """Return the framing and the actors' marks from back to front."""
    actors = actors_of(scene)
    framing = framing_of(scene, len(actors))
    dice = random.Random(f"stage {scene.seed} {scene.id}")
    spots = _spots(framing, len(actors), dice)
    marks = []
    for character, (x, y, size, turn) in zip(actors, spots, strict=True):
        look = looks[character.id]
        if look.species != "human":
            y, size = y + 130 * size, size * 0.88
        elif look.age == "child":
            y, size = y + 150 * size, size * 0.82
        elif look.build == "man":
            y -= 22 * size
        emotion = emotions_of(scene, character.id)[0]
        marks.append(Mark(character, look, x, y, size, _pose(emotion, turn, dice), emotion))
    return framing, sorted(marks, key=lambda mark: mark.size)


def _spots(framing: str, count: int, dice: random.Random) -> list[tuple[float, float, float, float]]:
    """Eye positions (x, y), size and turn of the face for every actor, the first speaker nearest."""
    side = dice.choice((-1, 1))
    if count == 0:
        return []
    if count == 1:
        near = {"close-up": (2.45, 850.0), "medium": (1.85, 830.0), "wide": (1.2, 930.0)}[framing]
        return [(540 - side * (34 if framing == "close-up" else 62), near[1], near[0], side * 0.5)]
    if count == 2:
        wide = framing == "wide"
        big, small, y = (1.02, 0.96, 950.0) if wide else (1.5, 1.34, 850.0)
        gap = 205 if wide else 222
        return [(540 - side * gap, y + 34, big, side * 0.85), (540 + side * (gap + 6), y - 50, small, -side * 0.85)]
    shrink = 0.8 if framing == "wide" else 1.0
    return [
        (540 - side * 270, 930, 1.3 * shrink, side * 0.8),
        (540 + side * 275, 900, 1.2 * shrink, -side * 0.8),
        (540 + side * 14, 700, 1.06 * shrink, -side * 0.15),
    ]


def _pose(emotion: str, turn: float, dice: random.Random) -> Pose:
    toward = 1 if turn > 0 else -1
    tilt, lean, lower = {
        "happy": (-toward * 4.0, toward * 1.0, 0.0),
        "sad": (toward * 6.0, 0.0, 9.0),
        "angry": (toward * 2.0, toward * 3.0, 5.0),
        "afraid": (-toward * 4.0, -toward * 3.0, 7.0),
        "surprised": (-toward * 3.0, -toward * 2.0, -3.0),
        "tender": (toward * 8.0, toward * 1.5, 3.0),
        "determined": (-toward * 1.0, toward * 1.5, 0.0),
    }.get(emotion, (toward * 2.0, 0.0, 0.0))
    return Pose(tilt=tilt + dice.uniform(-1.2, 1.2), turn=turn, lean=lean, lower=lower)


def face_centre(mark: Mark) -> tuple[float, float]:
    """Return where the middle of the leaning figure's face is in `FRAME`."""
    import math

    angle = math.radians(mark.pose.lean)
    x = mark.x + math.sin(angle) * (PIVOT - 30) * mark.size
    y = mark.y + (PIVOT - math.cos(angle) * (PIVOT - 30)) * mark.size
    return x, y
