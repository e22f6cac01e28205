"""From the assets of a scene or of a character to steps: what each one waits for, and what it is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from services.story.plan_jobs import Workshop
from services.story.plan_order import order_of
from services.story.plan_parts import asset_slot, film_of, image_of, machine_made
from services.story.plan_step import Portraits, Step
from sfd.dramas.v1 import drama_pb2


@dataclass
class Made:
    """Steps in the order in which they were made, by the asset's id, and what was left out, for a person."""

    steps: dict[str, Step] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)
    """URLs of pictures that a person has linked instead, by the asset's id."""
    warnings: list[str] = field(default_factory=list)

    def link(self, asset: drama_pb2.EntityAsset) -> None:
        """Notes what a person has linked; a film is no picture to look like."""
        if asset.kind == drama_pb2.ASSET_KIND_IMAGE:
            self.linked[asset.id] = asset.url

    def siblings(self, asset: drama_pb2.EntityAsset) -> list[Step]:
        """Returns the steps of the assets that an asset names, each once."""
        return [self.steps[one] for one in dict.fromkeys(asset.depends_on) if one in self.steps]

    def urls(self, asset: drama_pb2.EntityAsset) -> list[str]:
        """Returns the linked pictures that an asset names."""
        return [self.linked[one] for one in dict.fromkeys(asset.depends_on) if one in self.linked]


def episode_steps(
    workshop: Workshop,
    episode_id: str,
    scenes: Sequence[drama_pb2.Scene],
    portraits: Portraits,
    live: Collection[str] = (),
) -> tuple[list[Step], list[str]]:
    """Returns the steps of an episode's scenes and what joins their clips, and warnings; `live` are the slots that have a live take.

    Raises `InvalidInput` when assets of a scene depend on each other in a circle.
    """
    steps: list[Step] = []
    clips: list[Step] = []
    warnings: list[str] = []
    for scene in scenes:
        made = scene_steps(workshop, episode_id, scene, portraits, live)
        steps += made.steps.values()
        clips.append(next(step for step in made.steps.values() if step.job.step == f"clip:{scene.id}"))
        warnings += made.warnings
    return [*steps, workshop.assemble(episode_id, clips)], warnings


def scene_steps(
    workshop: Workshop,
    episode_id: str,
    scene: drama_pb2.Scene,
    portraits: Portraits,
    live: Collection[str] = (),
) -> Made:
    """Returns the steps of one scene: its storyboard, its clip, and every further picture and film that it lists."""
    image, film = image_of(scene), film_of(scene)
    # A scene without assets has a storyboard and a clip all the same; no asset can have these names.
    image_id, film_id = image.id or "\0storyboard", film.id or "\0clip"
    assets = {image_id: image, film_id: film}
    assets |= {one.id: one for one in scene.assets if one.id not in (image.id, film.id) and one.kind}
    made = Made(warnings=_unknown(f"Scene {scene.id}", assets, {c.id for c in workshop.drama.characters}))
    # Everything of a scene waits for its storyboard, named or not.
    order = order_of(
        {
            name: [*([] if name == image_id else [image_id]), *(one for one in asset.depends_on if one in assets)]
            for name, asset in assets.items()
        }
    )
    for name in order:
        asset = assets[name]
        if name == image_id:
            made.steps[name] = workshop.scene_picture(episode_id, scene, asset, portraits)
        elif name != film_id and _linked(asset, asset_slot("scene", scene.id, name), live):
            made.link(asset)
        elif name == film_id or asset.kind == drama_pb2.ASSET_KIND_VIDEO:
            made.steps[name] = workshop.scene_film(
                episode_id,
                scene,
                asset,
                portraits,
                board=made.steps[image_id],
                first=name == film_id,
                siblings=made.siblings(asset),
                linked=made.urls(asset),
            )
        else:
            board = made.steps[image_id]
            made.steps[name] = workshop.scene_picture(
                episode_id,
                scene,
                asset,
                portraits,
                board=board,
                siblings=[one for one in made.siblings(asset) if one.slot != board.slot],
                linked=made.urls(asset),
            )
    return made


def character_steps(
    workshop: Workshop, character: drama_pb2.Character, portraits: Portraits, live: Collection[str] = ()
) -> Made:
    """Returns the steps of a character's further pictures and films; portrait and audition have steps of their own."""
    assets = {one.id: one for one in character.assets if one.kind and not machine_made(character, one)}
    own = {one.id: one for one in character.assets if one.id not in assets}
    cast = [c.id for c in workshop.drama.characters]
    made = Made(warnings=_unknown(f"Character {character.id}", assets, {*cast, *own}))
    order = order_of({name: [one for one in asset.depends_on if one in assets] for name, asset in assets.items()})
    for name in order:
        asset = assets[name]
        if _linked(asset, asset_slot("character", character.id, name), live):
            made.link(asset)
            continue
        others = [who for who in asset.depends_on if who in cast and who != character.id]
        made.steps[name] = workshop.character_asset(
            character, asset, others, made.siblings(asset), made.urls(asset), portraits
        )
    return made


def _linked(asset: drama_pb2.EntityAsset, slot: str, live: Collection[str]) -> bool:
    """True for an asset that a person has linked: it has a URL, and nothing here has made it."""
    return bool(asset.url) and slot not in live


def _unknown(owner: str, assets: Mapping[str, drama_pb2.EntityAsset], known: Collection[str]) -> list[str]:
    return [
        f"{owner}: {name} depends on {one}, which is not there; it is left out."
        for name, asset in assets.items()
        for one in dict.fromkeys(asset.depends_on)
        if one not in assets and one not in known
    ]
