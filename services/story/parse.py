"""Reading a vendor writer's answer. It is paid for whatever it says, so small faults are mended and only real ones fail the attempt."""

from __future__ import annotations

import hashlib
import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from kit.errors import InvalidInput
from kit.jobs.handler import JobFailed
from kit.jsonio import load_object
from kit.media.specs import EMOTIONS
from kit.providers.base import Answer
from services.story.models import (
    CLIP_SECONDS,
    WARNING,
    AssetLite,
    CharacterLite,
    DramaLite,
    EpisodeScenes,
    SceneLite,
    check_drama,
    check_scenes,
    missing_voice_qualities,
)

M = TypeVar("M", bound=BaseModel)
_BAD_ID = re.compile(r"[^A-Za-z0-9._-]+")
_FENCE = re.compile(r"^\s*```[a-z]*\s*|\s*```\s*$")
_MAX_FACES = 3


def text_of(answer: Answer) -> str:
    """Returns what the writer wrote.

    Raises `JobFailed`, charged: `model_refused`, `answer_cut_off` when it ended at the limit of its length, `vendor_failed`.
    """
    body = _envelope(answer)
    status, text = str(body.get("status", "")), str(body.get("text", ""))
    if status == "refused":
        why = str(body.get("why", "")) or "no reason was given"
        raise JobFailed(f"The writer refused: {why}"[:500], reason="model_refused", charged=True)
    if status == "cut_off":
        raise JobFailed("The writer's answer was cut off at its limit.", reason="answer_cut_off", charged=True)
    if status == "failed":
        raise JobFailed(
            f"The writer failed: {body.get('why') or 'no reason was given'}"[:500],
            reason="vendor_failed",
            retryable=True,
            charged=True,
        )
    if not text.strip():
        raise unparsable("it is empty")
    return text


def model_of(answer: Answer, kind: type[M]) -> M:
    """Returns the answer as `kind`; raises `JobFailed` as `text_of` does, and `answer_unparsable` (retryable, charged)."""
    text = _FENCE.sub("", text_of(answer))
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise unparsable(f"{where}: {first['msg']}") from error


def unparsable(why: str) -> JobFailed:
    """Returns the error of an answer that cannot be used; another attempt may give a better one."""
    return JobFailed(
        f"The writer's answer cannot be used: {why}"[:500], reason="answer_unparsable", retryable=True, charged=True
    )


def sound_drama(drama: DramaLite) -> DramaLite:
    """Returns a drama whose ids are clean, with one or two main characters, no scenes and no foreign links.

    Voices may still be incomplete. Raises `JobFailed` (`answer_unparsable`) for what cannot be mended.
    """
    names = _clean_ids([c.id for c in drama.characters], "char")
    people: list[CharacterLite] = []
    mains = 0
    for character, name in zip(drama.characters, names, strict=True):
        main = character.main and mains < 2
        mains += main
        people.append(character.model_copy(update={"id": name, "main": main, "premise_url": None}))
    if people and not mains:
        people[0] = people[0].model_copy(update={"main": True})
    episode_ids = _clean_ids([e.id for e in drama.episodes], "ep")
    episodes = [
        e.model_copy(update={"id": name, "scenes": []}) for e, name in zip(drama.episodes, episode_ids, strict=True)
    ]
    mended = drama.model_copy(update={"characters": people, "episodes": episodes})
    grave = [p for p in check_drama(mended) if not p.startswith(WARNING) and "voice_description" not in p]
    if grave:
        raise unparsable("; ".join(grave[:3]))
    return mended


def incomplete_voices(drama: DramaLite) -> dict[str, list[str]]:
    """Returns the missing qualities of each character whose voice is not described completely, by id."""
    found = {c.id: missing_voice_qualities(c.voice_description) for c in drama.characters}
    return {who: missing for who, missing in found.items() if missing}


def with_voices(drama: DramaLite, described: dict[str, str]) -> DramaLite:
    """Returns the drama with these voices; raises `JobFailed` (`voice_incomplete`) when one still lacks a quality."""
    people = [
        c.model_copy(update={"voice_description": described.get(c.id) or c.voice_description}) for c in drama.characters
    ]
    mended = drama.model_copy(update={"characters": people})
    left = incomplete_voices(mended)
    if left:
        told = "; ".join(f"{who} lacks {', '.join(missing)}" for who, missing in left.items())
        raise JobFailed(
            f"The writer left voices incomplete: {told}"[:500], reason="voice_incomplete", retryable=True, charged=True
        )
    return mended


def sound_scenes(answer: EpisodeScenes, episode_id: str, cast: set[str]) -> list[SceneLite]:
    """Returns scenes under the house's own ids, unique within the drama, each with one picture and one film.

    Raises `JobFailed` (`answer_unparsable`) for what cannot be mended.
    """
    mended = [_scene(scene, scene_id(episode_id, n), cast) for n, scene in enumerate(answer.scenes, 1)]
    grave = [p for p in check_scenes(mended, cast) if not p.startswith(WARNING)]
    if grave:
        raise unparsable("; ".join(grave[:3]))
    return mended


def scene_id(episode_id: str, number: int) -> str:
    """Returns `scene_{episode}_{nn}`; an episode's id too long for that is cut and marked with its hash."""
    if len(episode_id) > 90:
        episode_id = f"{episode_id[:80]}-{hashlib.sha256(episode_id.encode()).hexdigest()[:8]}"
    return f"scene_{episode_id}_{number:02d}"


def _scene(scene: SceneLite, name: str, cast: set[str]) -> SceneLite:
    dialogue = [
        line.model_copy(update={"emotion": line.emotion if line.emotion in EMOTIONS else "neutral"})
        for line in scene.dialogue
        if line.text.strip() and line.character_id in cast
    ]
    image = next((a for a in scene.assets if a.kind == "image"), None)
    film = next((a for a in scene.assets if a.kind == "video"), None)
    faces = [c for c in dict.fromkeys(image.depends_on if image else ()) if c in cast][:_MAX_FACES]
    wanted = (film.duration if film else None) or CLIP_SECONDS[0]
    assets = [
        AssetLite(
            id=f"{name}_storyboard",
            kind="image",
            depends_on=faces,
            prompt=(image.prompt if image else "").strip() or scene.description,
        ),
        AssetLite(
            id=f"{name}_clip",
            kind="video",
            depends_on=[f"{name}_storyboard"],
            prompt=(film.prompt if film else "").strip() or scene.description,
            duration=min(CLIP_SECONDS, key=lambda legal: abs(legal - wanted)),
        ),
    ]
    return SceneLite(id=name, description=scene.description, dialogue=dialogue, assets=assets)


def _clean_ids(ids: list[str], prefix: str) -> list[str]:
    clean: list[str] = []
    for number, one in enumerate(ids, 1):
        name = _BAD_ID.sub("_", one).strip("_.-")[:100] or f"{prefix}_{number:02d}"
        while name in clean:
            name = f"{name}_{number}"
        clean.append(name)
    return clean


def _envelope(answer: Answer) -> dict[str, object]:
    try:
        return dict(load_object(answer.body.decode("utf-8", errors="replace"), "answer"))
    except InvalidInput as error:
        raise unparsable("it is not JSON") from error
