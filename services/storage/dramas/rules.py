"""The rules of a drama that need no database: what is a sound one, and the hash of the people's fields."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

from kit.errors import InvalidInput
from kit.identity import DEFAULT_ACCOUNT_ID
from kit.jsonio import canonical, load_object
from services.storage.jobs.rules import check_json, check_public_id, check_text
from sfd.dramas.v1 import drama_pb2 as pb

MAX_TEXT = 100_000
MAX_ENTITIES = 20_000
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
        where = f"drama.characters[{n}]"
        _unique(seen["character"], character.id, where)
        for field in ("name", "description", "gender", "voice_description"):
            check_text(getattr(character, field), f"{where}.{field}", MAX_TEXT)
        check_optional(character, where, ("url", "premise_url"))
        check_assets(character.assets, where)
    for n, episode in enumerate(drama.episodes):
        where = f"drama.episodes[{n}]"
        _unique(seen["episode"], episode.id, where)
        check_text(episode.title, f"{where}.title", MAX_TEXT)
        check_text(episode.description, f"{where}.description", MAX_TEXT)
        check_optional(episode, where, ("url", "premise"))
        check_assets(episode.assets, where)
        for m, scene in enumerate(episode.scenes):
            check_scene(scene, f"{where}.scenes[{m}]", seen["scene"])
    check_assets(drama.assets, "drama")
    if sum(map(len, seen.values())) > MAX_ENTITIES:
        raise InvalidInput(f"A drama has at most {MAX_ENTITIES} entities.", field="drama", reason="too_many_entities")


def check_scene(scene: pb.Scene, where: str, seen: set[str]) -> None:
    """Raises `InvalidInput` unless the scene is sound; `seen` holds the ids of the drama's scenes."""
    _unique(seen, scene.id, where)
    check_text(scene.description, f"{where}.description", MAX_TEXT)
    check_optional(scene, where, ("image_url", "video_url"))
    check_assets(scene.assets, where)


def check_assets(assets: Iterable[pb.EntityAsset], owner: str) -> None:
    """Raises `InvalidInput` unless the assets of one owner are sound."""
    seen: set[str] = set()
    for n, asset in enumerate(assets):
        where = f"{owner}.assets[{n}]"
        _unique(seen, asset.id, where)
        if asset.kind not in (pb.ASSET_KIND_IMAGE, pb.ASSET_KIND_VIDEO):
            raise InvalidInput(f"{where}.kind must be image or video.", field=f"{where}.kind")
        check_text(asset.prompt, f"{where}.prompt", MAX_TEXT)
        if len(asset.depends_on) > MAX_REFERENCES:
            raise InvalidInput(f"{where}.depends_on is too long.", field=f"{where}.depends_on")
        for name in asset.depends_on:
            check_text(name, f"{where}.depends_on", 256)
        check_optional(asset, where, ("url",))


def check_optional(
    owner: pb.Drama | pb.Character | pb.Episode | pb.Scene | pb.EntityAsset, where: str, fields: Iterable[str]
) -> None:
    """Raises `InvalidInput` unless the optional texts and the metadata of `owner` can be stored."""
    for field in fields:
        check_text(getattr(owner, field), f"{where}.{field}", MAX_TEXT)
    if owner.HasField("metadata_json"):
        check_json(owner.metadata_json, f"{where}.metadata")


def _unique(seen: set[str], value: str, where: str) -> None:
    check_public_id(value, f"{where}.id")
    if value in seen:
        raise InvalidInput(f"{where}.id {value} is there twice.", field=f"{where}.id", reason="duplicate_id")
    seen.add(value)


def etag_of(drama: pb.Drama, machine: frozenset[tuple[str, str, str]] = frozenset()) -> str:
    """Returns SHA-256 over the people's fields as canonical JSON, hexadecimal.

    Urls and machine-made assets, named by (owner kind, owner id, asset id), are left out: a running production does not invalidate an editor.
    """

    def assets(kind: str, owner: str, items: Iterable[pb.EntityAsset]) -> list[object]:
        return [
            [a.id, a.kind, list(a.depends_on), a.prompt, a.duration if a.HasField("duration") else None, _metadata(a)]
            for a in items
            if (kind, owner, a.id) not in machine
        ]

    people = [
        [drama.title, drama.description, drama.premise, _metadata(drama), assets("drama", "", drama.assets)],
        [
            [
                c.id,
                c.name,
                c.description,
                c.gender,
                c.voice_description,
                c.main,
                c.premise_url,
                _metadata(c),
                assets("character", c.id, c.assets),
            ]
            for c in drama.characters
        ],
        [
            [
                e.id,
                e.title,
                e.description,
                e.premise,
                _metadata(e),
                assets("episode", e.id, e.assets),
                [[s.id, s.description, _metadata(s), assets("scene", s.id, s.assets)] for s in e.scenes],
            ]
            for e in drama.episodes
        ],
    ]
    return hashlib.sha256(canonical(people).encode()).hexdigest()


def _metadata(owner: pb.Drama | pb.Character | pb.Episode | pb.Scene | pb.EntityAsset) -> object:
    return load_object(owner.metadata_json, "metadata") if owner.HasField("metadata_json") else None
