"""The shapes every writer returns, local or vendor, and the pure checks that say what is wrong with them.

The models are structured-output schemas: closed objects, no open dicts, and no default that shows in the JSON schema
except null, which strict structured outputs drop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field

from kit.media.specs import EMOTIONS

__all__ = [
    "AssetLite",
    "CharacterLite",
    "DialogueLite",
    "DramaLite",
    "EpisodeLite",
    "EpisodeScenes",
    "SceneLite",
    "check_drama",
    "check_scenes",
    "missing_voice_qualities",
]

ID_PATTERN = re.compile(r"[A-Za-z0-9._-]{1,128}")
WARNING = "warning: "
CLIP_SECONDS = (10, 15)

VOICE_QUALITIES: dict[str, str] = {
    "tone": (
        r"\b(tone|timbre|husky|warm|gravel\w*|rasp\w*|velvet\w*|smooth|bright|breathy|rich|silky|nasal|crisp|smoky|clear|rough)\b"
        r"|音色|嗓音|声线|沙哑|清亮|磁性|醇厚|温润|음색|허스키|맑은|걸걸|부드러운 목소리"
    ),
    "pitch": (
        r"\b(pitch\w*|low|deep|high|higher|lower|baritone|bass|alto|contralto|tenor|soprano|mezzo|register|mid-range)\b"
        r"|音高|音调|低音|高音|中音|低沉|音域|음높이|음고|저음|고음|중음|높은 목소리|낮은 목소리|음역"
    ),
    "pace": (
        r"\b(pace\w*|tempo|slow\w*|fast|quick\w*|rapid\w*|brisk|unhurried|hurried|measured|speed|deliberate)\b"
        r"|语速|节奏|缓慢|不紧不慢|속도|빠르|느리|느린|빠른|템포"
    ),
    "accent": (
        r"\b(accent\w*|dialect|lilt|drawl|brogue|twang|received pronunciation|intonation)\b"
        r"|口音|普通话|方言|乡音|腔调|억양|사투리|표준어|말씨"
    ),
    "emotional quality": (
        r"\b(emotion\w*|feeling|feelings|mood|guarded|tender\w*|wounded|hopeful|bitter\w*|anxious|cheerful|melanchol\w*|"
        r"sorrow\w*|longing|restrained|passionate|wistful|menac\w*|playful|vulnerab\w*|weary|grief)\b"
        r"|情感|情绪|感情|克制|忧伤|热情|감정|정서|슬픔|애틋|절제"
    ),
    "speaking style": (
        r"\b(style|manner|delivery|diction|phrasing|clipped|formal|casual|eloquent|sentences|articulate|conversational|blunt)\b"
        r"|说话方式|说话风格|用词|措辞|说话习惯|말투|화법|말하는 방식|어조|말버릇"
    ),
}
"""The six qualities of a voice, each with a pattern that finds it named or plainly described in English, Chinese or Korean."""


class AssetLite(BaseModel):
    """One picture or clip of a scene. `duration` is 10 or 15 seconds for a video and null for an image.

    `depends_on` of the image names up to three characters, of the video the scene's image asset.
    """

    id: str
    kind: Literal["image", "video"]
    depends_on: list[str]
    prompt: str
    duration: int | None = None


class DialogueLite(BaseModel):
    """One spoken line. `emotion` is one of neutral, happy, sad, angry, afraid, surprised, tender, determined."""

    character_id: str
    text: str
    emotion: str


class SceneLite(BaseModel):
    """One scene of an episode: what is seen, what is said, and exactly two assets (one image, one video)."""

    id: str
    description: str
    dialogue: list[DialogueLite]
    assets: list[AssetLite]


class EpisodeLite(BaseModel):
    """One episode; `scenes` stays empty until the second phase writes them."""

    id: str
    title: str
    description: str
    scenes: list[SceneLite] = Field(default_factory=list)


class CharacterLite(BaseModel):
    """One member of the cast. `voice_description` names tone, pitch, pace, accent, emotional quality, speaking style."""

    id: str
    name: str
    description: str
    gender: str
    voice_description: str
    main: bool
    premise_url: str | None = None


class DramaLite(BaseModel):
    """A whole drama as a writer returns it: 4-6 characters of whom 1-2 are main, and its episodes in order."""

    title: str
    description: str
    characters: list[CharacterLite]
    episodes: list[EpisodeLite]


class EpisodeScenes(BaseModel):
    """The answer of the second phase: three to five scenes of one episode."""

    scenes: list[SceneLite]


def missing_voice_qualities(text: str) -> list[str]:
    """Return those of tone, pitch, pace, accent, emotional quality and speaking style that `text` does not cover."""
    return [name for name, pattern in VOICE_QUALITIES.items() if not re.search(pattern, text, re.IGNORECASE)]


def _check_ids(kind: str, ids: Iterable[str]) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for one in ids:
        if not ID_PATTERN.fullmatch(one):
            found.append(f"{kind} id {one!r} does not match [A-Za-z0-9._-]{{1,128}}")
        if one in seen:
            found.append(f"{kind} id {one!r} is used twice")
        seen.add(one)
    return found


def _check_cast(characters: list[CharacterLite]) -> list[str]:
    found = _check_ids("character", (c.id for c in characters))
    mains = sum(c.main for c in characters)
    if not 1 <= mains <= 2:
        found.append(f"{mains} main characters; 1 or 2 are needed")
    if len(characters) > 6:
        found.append(f"{len(characters)} characters; at most 6 are allowed")
    elif len(characters) < 4:
        found.append(f"{WARNING}{len(characters)} characters; 4 to 6 carry a drama better")
    for c in characters:
        found += [
            f"character {c.id}: {field} is empty" for field in ("name", "description") if not getattr(c, field).strip()
        ]
        missing = missing_voice_qualities(c.voice_description)
        if missing:
            found.append(f"character {c.id}: voice_description does not name {', '.join(missing)}")
    return found


def check_drama(d: DramaLite) -> list[str]:
    """List what is wrong with `d`, in words; an empty list means sound. Entries that begin with `warning: ` may stay."""
    found = [f"drama {field} is empty" for field in ("title", "description") if not getattr(d, field).strip()]
    found += _check_cast(d.characters)
    found += _check_ids("episode", (e.id for e in d.episodes))
    if not d.episodes:
        found.append("the drama has no episodes")
    for e in d.episodes:
        found += [
            f"episode {e.id}: {field} is empty" for field in ("title", "description") if not getattr(e, field).strip()
        ]
        if e.scenes:
            found += check_scenes(e.scenes, {c.id for c in d.characters})
    found += _check_ids("scene", (s.id for e in d.episodes for s in e.scenes))
    return list(dict.fromkeys(found))


def _check_assets(scene: SceneLite, character_ids: set[str]) -> list[str]:
    found: list[str] = []
    images = [a for a in scene.assets if a.kind == "image"]
    videos = [a for a in scene.assets if a.kind == "video"]
    if len(images) != 1 or len(videos) != 1:
        return [f"scene {scene.id}: {len(images)} images and {len(videos)} videos; exactly one of each is needed"]
    image, video = images[0], videos[0]
    strangers = [c for c in image.depends_on if c not in character_ids]
    if len(image.depends_on) > 3:
        found.append(f"asset {image.id}: depends on {len(image.depends_on)} characters; at most 3 keep their looks")
    if strangers:
        found.append(f"asset {image.id}: depends on unknown characters {', '.join(strangers)}")
    if image.duration is not None:
        found.append(f"asset {image.id}: an image has no duration")
    if video.depends_on != [image.id]:
        found.append(f"asset {video.id}: a video depends on its scene's image {image.id} and nothing else")
    if video.duration not in CLIP_SECONDS:
        found.append(f"asset {video.id}: duration {video.duration} s; 10 or 15 is needed")
    found += [f"asset {a.id}: prompt is empty" for a in scene.assets if not a.prompt.strip()]
    return found


def check_scenes(scenes: list[SceneLite], character_ids: set[str]) -> list[str]:
    """List what is wrong with the scenes of one episode whose drama has the cast `character_ids`; empty means sound."""
    found = _check_ids("scene", (s.id for s in scenes)) + _check_ids("asset", (a.id for s in scenes for a in s.assets))
    if not 3 <= len(scenes) <= 5:
        found.append(f"{len(scenes)} scenes; an episode has 3 to 5")
    for s in scenes:
        if not s.description.strip():
            found.append(f"scene {s.id}: description is empty")
        for n, line in enumerate(s.dialogue, 1):
            if line.character_id not in character_ids:
                found.append(f"scene {s.id}: line {n} is spoken by unknown character {line.character_id!r}")
            if not line.text.strip():
                found.append(f"scene {s.id}: line {n} is empty")
            if line.emotion not in EMOTIONS:
                found.append(f"{WARNING}scene {s.id}: line {n} has emotion {line.emotion!r}, taken as neutral")
        found += _check_assets(s, character_ids)
    return found
