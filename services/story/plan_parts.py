"""Small pure facts that plans are made of: who is in a scene, which assets it has, how long a clip must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import InvalidInput
from kit.jsonio import load_object
from services.story.convert import lines_of
from sfd.dramas.v1 import drama_pb2

MAX_FACES = 3
"""Portraits a picture refers to; more and the painters mix the faces."""


PORTRAIT, AUDITION = "_portrait_front_halfbody", "_audition_video"
"""How the assets end that storage makes of a character's portrait and audition."""
MACHINE_TYPES = frozenset({"character_portrait", "character_audition"})


def message_json(message: Message) -> str:
    """Returns the one-line JSON of a message, with the contract's field names."""
    return json_format.MessageToJson(message, indent=None, preserving_proto_field_name=True, ensure_ascii=False)


def portrait_slot(character_id: str) -> str:
    """Returns where a character's portrait belongs."""
    return f"character:{character_id}:portrait"


def asset_slot(owner_kind: str, owner: str, asset_id: str) -> str:
    """Returns where one more asset of a character or a scene belongs; its step has the same name."""
    return f"asset:{owner_kind}:{owner}:{asset_id}"


def machine_made(character: drama_pb2.Character, asset: drama_pb2.EntityAsset) -> bool:
    """True for the asset that is a character's portrait or audition: their own steps make those."""
    if asset.id in (f"{character.id}{PORTRAIT}", f"{character.id}{AUDITION}"):
        return True
    try:
        return load_object(asset.metadata_json, "metadata").get("type") in MACHINE_TYPES
    except InvalidInput:
        return False


def main_characters(cast: Sequence[drama_pb2.Character]) -> list[drama_pb2.Character]:
    """Returns those a cover shows: the main characters, at most three, or the first of the cast when none is."""
    return ([c for c in cast if c.main] or list(cast[:1]))[:MAX_FACES]


def image_of(scene: drama_pb2.Scene) -> drama_pb2.EntityAsset:
    """Returns the scene's first image asset, which the storyboard becomes; an empty one when it has none."""
    return next((a for a in scene.assets if a.kind == drama_pb2.ASSET_KIND_IMAGE), drama_pb2.EntityAsset())


def film_of(scene: drama_pb2.Scene) -> drama_pb2.EntityAsset:
    """Returns the scene's first video asset, which the clip becomes; an empty one when it has none."""
    return next((a for a in scene.assets if a.kind == drama_pb2.ASSET_KIND_VIDEO), drama_pb2.EntityAsset())


def in_scene(scene: drama_pb2.Scene, cast_ids: Sequence[str]) -> list[str]:
    """Returns who is in a scene: whom its picture names, then who speaks."""
    named = [*image_of(scene).depends_on, *(line.character_id for line in lines_of(scene))]
    return [who for who in dict.fromkeys(named) if who in cast_ids]


def labels_of(node_type: str, level: int, node_id: str, asset_id: str) -> dict[str, Any]:
    """Returns the labels of a node of the contract's graph."""
    return {"node_id": node_id, "node_type": node_type, "hierarchy_level": level, "asset_id": asset_id}
