"""The four kinds of entity below a drama: their tables, their fields, and where one stands beside its siblings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kit.errors import InvalidInput
from services.storage.dramas.hashes import Entity
from services.storage.dramas.rules import check_asset, check_character, check_episode, check_scene
from sfd.dramas.v1 import drama_pb2 as pb

Check: TypeAlias = Callable[[Any, str], None]
ASSET_WORDS = {pb.ASSET_KIND_IMAGE: "image", pb.ASSET_KIND_VIDEO: "video"}
_ASSET_KINDS = {word: kind for kind, word in ASSET_WORDS.items()}


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind. `word` is what fields and reasons call it, `group` names the columns that all siblings share beside the drama.

    `people` are the fields that count for the ETag and `media` the urls, each with its column.
    """

    word: str
    title: str
    table: str
    message: type[Entity]
    group: tuple[str, ...]
    people: Mapping[str, str]
    media: Mapping[str, str]
    check: Check

    @property
    def fields(self) -> Mapping[str, str]:
        """All fields that a mask may name, with their columns."""
        return {**self.people, **self.media}

    def read(self, row: Any) -> Any:
        """Returns the message of a row, without what is under it and without its ETag."""
        values = {field: row[column] for field, column in self.fields.items()}
        if "kind" in values:
            values["kind"] = _ASSET_KINDS[values["kind"]]
        return self.message(id=row["id"], **values)

    def value(self, entity: Any, field: str) -> Any:
        """Returns what a field becomes in its column: an optional field that is not set becomes null."""
        descriptor = self.message.DESCRIPTOR.fields_by_name[field]
        value = getattr(entity, field)
        if descriptor.is_repeated:
            return list(value)
        if descriptor.enum_type is not None:
            return ASSET_WORDS[value]
        return None if descriptor.has_presence and not entity.HasField(field) else value

    def mask(self, paths: Sequence[str]) -> list[str]:
        """Returns the paths of a mask, each once; raises `InvalidInput` for one that cannot be changed."""
        for path in paths:
            if path not in self.fields:
                raise InvalidInput(f"{path[:128]} cannot be changed here.", field=f"update_mask.{path[:128]}")
        return list(dict.fromkeys(paths))


def _same(*names: str) -> dict[str, str]:
    return {name: "metadata" if name == "metadata_json" else name for name in names}


CHARACTER = Kind(
    "character",
    "Character",
    "characters",
    pb.Character,
    (),
    _same("name", "description", "gender", "voice_description", "main", "premise_url", "metadata_json"),
    _same("url"),
    lambda entity, where: check_character(entity, where, set()),
)
EPISODE = Kind(
    "episode",
    "Episode",
    "episodes",
    pb.Episode,
    (),
    _same("title", "description", "premise", "metadata_json"),
    _same("url"),
    lambda entity, where: check_episode(entity, where, set(), set()),
)
SCENE = Kind(
    "scene",
    "Scene",
    "scenes",
    pb.Scene,
    ("episode_id",),
    _same("description", "metadata_json"),
    _same("image_url", "video_url"),
    lambda entity, where: check_scene(entity, where, set()),
)
ASSET = Kind(
    "asset",
    "Asset",
    "drama_assets",
    pb.EntityAsset,
    ("owner_kind", "owner_id"),
    _same("kind", "depends_on", "prompt", "duration", "metadata_json"),
    _same("url"),
    lambda entity, where: check_asset(entity, where, set()),
)
OWNERS = {kind.word: kind for kind in (CHARACTER, EPISODE, SCENE)}


@dataclass(frozen=True)
class Place:
    """Where entities of one kind stand side by side: `group` has the values of the kind's group columns.

    `above` are the entities that must be there, outermost first, each as (kind, id).
    """

    kind: Kind
    group: tuple[str, ...] = ()
    above: tuple[tuple[Kind, str], ...] = ()

    @property
    def owner(self) -> tuple[str, str]:
        """The entity whose hash holds those of this place, as (kind word, id); the drama itself is ("drama", "")."""
        return (self.above[-1][0].word, self.above[-1][1]) if self.above else ("drama", "")


def cast() -> Place:
    """The characters of a drama."""
    return Place(CHARACTER)


def season() -> Place:
    """The episodes of a drama."""
    return Place(EPISODE)


def scenes_of(episode_id: str) -> Place:
    """The scenes of an episode."""
    episode = clean(episode_id)
    return Place(SCENE, (episode,), ((EPISODE, episode),))


def assets_of(character_id: str, episode_id: str, scene_id: str) -> Place:
    """The assets of whoever is named; of the drama when nobody is. Raises `InvalidInput` when two owners are named."""
    character, episode, scene = clean(character_id), clean(episode_id), clean(scene_id)
    if character and (episode or scene):
        raise InvalidInput("An asset has one owner.", field="character_id", reason="two_owners")
    if character:
        return Place(ASSET, ("character", character), ((CHARACTER, character),))
    if scene:
        return Place(ASSET, ("scene", scene), (*(((EPISODE, episode),) if episode else ()), (SCENE, scene)))
    if episode:
        return Place(ASSET, ("episode", episode), ((EPISODE, episode),))
    return Place(ASSET, ("drama", ""))


def clean(text: str) -> str:
    """Returns an id as it may be asked for: Postgres takes no NUL, and no id has one."""
    return text.replace("\x00", "\ufffd")
