"""The rules of a drama that need no database: what is a sound one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from kit.errors import InvalidInput
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.jsonio import load_object
from services.storage.jobs.rules import check_json, check_public_id, check_text
from sfd.dramas.v1 import drama_pb2 as pb

MAX_TEXT = 100_000
MAX_ENTITIES = 20_000
MAX_ASSETS = 1_000
MAX_REFERENCES = 64


def drama_prefix(account: uuid.UUID, drama_id: str) -> str:
    """Returns the folder of a drama's friendly keys: as in the contract for the built-in account, apart for the others."""
    return f"dramas/{drama_id}" if str(account) == DEFAULT_ACCOUNT_ID else f"accounts/{account}/dramas/{drama_id}"


def check_drama(drama: pb.Drama) -> None:
    """Raises `InvalidInput` naming the field unless ids are unique and well-formed and texts can be stored."""
    check_public_id(drama.id, "drama.id")
    for field in ("title", "description", "premise"):
        check_text(getattr(drama, field), f"drama.{field}", MAX_TEXT)
    check_optional(drama, "drama", ("url",))
    seen: dict[str, set[str]] = {"character": set(), "episode": set(), "scene": set()}
    for n, character in enumerate(drama.characters):
        check_character(character, f"drama.characters[{n}]", seen["character"])
    for n, episode in enumerate(drama.episodes):
        check_episode(episode, f"drama.episodes[{n}]", seen["episode"], seen["scene"])
    check_assets(drama.assets, "drama")
    check_count(sum(map(len, seen.values())), "drama")


def check_count(entities: int, where: str) -> None:
    """Raises `InvalidInput` for more characters, episodes and scenes than a drama may have."""
    if entities > MAX_ENTITIES:
        raise InvalidInput(f"A drama has at most {MAX_ENTITIES} entities.", field=where, reason="too_many_entities")


def check_character(character: pb.Character, where: str, seen: set[str]) -> None:
    """Raises `InvalidInput` unless the character is sound; `seen` holds the ids of the cast."""
    _unique(seen, character.id, where)
    for field in ("name", "description", "gender", "voice_description"):
        check_text(getattr(character, field), f"{where}.{field}", MAX_TEXT)
    check_optional(character, where, ("url", "premise_url"))
    check_assets(character.assets, where)


def check_episode(episode: pb.Episode, where: str, seen: set[str], scenes: set[str]) -> None:
    """Raises `InvalidInput` unless the episode is sound; `seen` and `scenes` hold the ids of the drama's episodes and scenes."""
    _unique(seen, episode.id, where)
    check_text(episode.title, f"{where}.title", MAX_TEXT)
    check_text(episode.description, f"{where}.description", MAX_TEXT)
    check_optional(episode, where, ("url", "premise"))
    check_assets(episode.assets, where)
    for m, scene in enumerate(episode.scenes):
        check_scene(scene, f"{where}.scenes[{m}]", scenes)


def check_scene(scene: pb.Scene, where: str, seen: set[str]) -> None:
    """Raises `InvalidInput` unless the scene is sound; `seen` holds the ids of the drama's scenes."""
    _unique(seen, scene.id, where)
    check_text(scene.description, f"{where}.description", MAX_TEXT)
    check_optional(scene, where, ("image_url", "video_url"))
    check_assets(scene.assets, where)


def check_assets(assets: Sequence[pb.EntityAsset], owner: str) -> None:
    """Raises `InvalidInput` unless the assets of one owner are sound."""
    check_asset_count(len(assets), f"{owner}.assets")
    seen: set[str] = set()
    for n, asset in enumerate(assets):
        check_asset(asset, f"{owner}.assets[{n}]", seen)


def check_asset_count(assets: int, where: str) -> None:
    """Raises `InvalidInput` for more assets than one owner may have."""
    if assets > MAX_ASSETS:
        raise InvalidInput(
            f"There are at most {MAX_ASSETS} assets of one owner.", field=where, reason="too_many_assets"
        )


def check_asset(asset: pb.EntityAsset, where: str, seen: set[str]) -> None:
    """Raises `InvalidInput` unless the asset is sound; `seen` holds the ids of its owner's assets."""
    _unique(seen, asset.id, where)
    if asset.kind not in (pb.ASSET_KIND_IMAGE, pb.ASSET_KIND_VIDEO):
        raise InvalidInput(f"{where}.kind must be image or video.", field=f"{where}.kind")
    check_text(asset.prompt, f"{where}.prompt", MAX_TEXT)
    if len(asset.depends_on) > MAX_REFERENCES:
        raise InvalidInput(f"{where}.depends_on is too long.", field=f"{where}.depends_on")
    for name in asset.depends_on:
        check_text(name, f"{where}.depends_on", 256)
    check_optional(asset, where, ("url",))


def check_acyclic(needs: Mapping[str, Iterable[str]], where: str) -> None:
    """Raises `InvalidInput` when assets of one owner wait for each other; `needs` has their `depends_on` by id, other names do not count."""
    try:
        TopologicalSorter({name: [one for one in above if one in needs] for name, above in needs.items()}).prepare()
    except CycleError as error:
        raise InvalidInput("Cycle detected in dependency graph", field=where, reason="cycle") from error


def check_optional(
    owner: pb.Drama | pb.Character | pb.Episode | pb.Scene | pb.EntityAsset, where: str, fields: Iterable[str]
) -> None:
    """Raises `InvalidInput` unless the optional texts and the metadata of `owner` can be stored."""
    for field in fields:
        check_text(getattr(owner, field), f"{where}.{field}", MAX_TEXT)
    if owner.HasField("metadata_json"):
        check_json(owner.metadata_json, f"{where}.metadata")


def references(drama: pb.Drama) -> list[str]:
    """Returns the URLs of reference pictures that a drama was begun with."""
    urls = [character.premise_url for character in drama.characters]
    if drama.HasField("metadata_json"):
        urls.append(str(load_object(drama.metadata_json, "metadata").get("reference_image_url") or ""))
    return [url for url in dict.fromkeys(urls) if url]


def _unique(seen: set[str], value: str, where: str) -> None:
    check_public_id(value, f"{where}.id")
    if value in seen:
        raise InvalidInput(f"{where}.id {value} is there twice.", field=f"{where}.id", reason="duplicate_id")
    seen.add(value)
