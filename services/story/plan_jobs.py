"""One function for each kind of job a drama asks for: input, edges, labels, price and fingerprint.

The planner and the handlers that add jobs make them here and nowhere else, so that equal work has an equal fingerprint whichever run it
is in. A fingerprint covers the kind, its handler's version, the model, the prompt, the parameters and the identity of every input: the
fingerprint of the input's own job, which is known before the input is made (its bytes are not), or the SHA-256 of a picture that came
from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from google.protobuf import json_format

from kit.wording import language_of, seed_of
from services.story.convert import CLIP_SECONDS, lines_of, outline, person
from services.story.crew import DEFAULT_STYLE, Crew
from services.story.plan_cost import Cost, cost_of
from services.story.plan_parts import (
    AUDITION,
    PORTRAIT,
    asset_slot,
    image_of,
    in_scene,
    labels_of,
    main_characters,
    portrait_slot,
)
from services.story.plan_step import Draft, Override, Portraits, Step, finish, portrait_uses
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.story.v1 import story_pb2
from sfd.video.v1 import film_pb2


class Workshop:
    """Makes the steps of one drama for one crew.

    `overrides` are what a person wants of single steps this once; `marks` the fingerprints that steps carry instead of their own.
    """

    def __init__(
        self,
        drama: drama_pb2.Drama,
        crew: Crew,
        *,
        attempts: int = 3,
        overrides: Mapping[str, Override] | None = None,
        marks: Mapping[str, str] | None = None,
    ) -> None:
        self.drama = drama
        self.crew = crew
        self.attempts = attempts
        self._overrides = overrides or {}
        self._marks = marks or {}
        self._cast = [person(character) for character in drama.characters]
        self._by_id = {character.id: character for character in self._cast}
        # Every step repeats people; they become JSON values once.
        self._people = {c.id: json_format.MessageToDict(c, preserving_proto_field_name=True) for c in self._cast}
        options = crew.options
        self.language = options.language or language_of(drama)
        self.style = options.style or DEFAULT_STYLE
        self.seed = options.seed or seed_of(drama.premise or drama.title or drama.id)

    def portrait(self, character: drama_pb2.Character) -> Step:
        """Draws one character; whoever else is in the cast must look different."""
        payload = picture_pb2.PortraitInput(drama_id=self.drama.id, reference_url=character.premise_url)
        labels = labels_of("character", 1, f"char_{character.id}", f"{character.id}{PORTRAIT}")
        labels |= {"character_id": character.id, "entity_id": character.id, "type": "character_portrait"}
        shared = {"character": self._people[character.id], **self._whole_cast, "brush": self._brush}
        step, slot = f"portrait:{character.id}", portrait_slot(character.id)
        return self._made(Draft("imaging.portrait", step, slot, payload, labels, "brush", shared))

    def cover(self, portraits: Portraits | None = None) -> Step:
        """Draws the cover with the main characters, after their portraits."""
        faces = main_characters(self._cast)
        payload = picture_pb2.CoverInput(
            drama_id=self.drama.id, title=self.drama.title, description=self.drama.description
        )
        labels = labels_of("cover", 2, f"cover_{self.drama.id}", f"{self.drama.id}_cover")
        labels |= {"entity_id": self.drama.id, "type": "drama_cover", "main_characters": [c.id for c in faces]}
        known = portraits or Portraits()
        used = known.used(c.id for c in faces)
        return self._made(
            Draft(
                "imaging.cover",
                "cover",
                "drama:cover",
                payload,
                labels,
                "brush",
                {**_some(cast=self._told(c.id for c in faces)), **self._everybody, "brush": self._brush},
                soft=known.steps(c.id for c in faces),
                inputs=used,
                uses=portrait_uses(used),
            )
        )

    def audition(self, character: drama_pb2.Character, portraits: Portraits) -> Step:
        """Lets one character speak about itself for ten seconds."""
        payload = film_pb2.AuditionInput(drama_id=self.drama.id)
        asset_id = f"{character.id}{AUDITION}"
        labels = labels_of("character_asset", 2, f"char_asset_{character.id}_{asset_id}", asset_id)
        labels |= {"character_id": character.id, "entity_id": character.id, "type": "character_audition"}
        used = portraits.used([character.id])
        return self._made(
            Draft(
                "video.audition",
                f"audition:{character.id}",
                f"character:{character.id}:audition",
                payload,
                labels,
                "camera",
                {"character": self._people[character.id], **self._whole_cast, "camera": self._camera},
                soft=portraits.steps([character.id]),
                inputs=used,
                uses=portrait_uses(used),
            )
        )

    def character_asset(
        self,
        character: drama_pb2.Character,
        asset: drama_pb2.EntityAsset,
        others: Sequence[str],
        siblings: Sequence[Step],
        linked: Sequence[str],
        portraits: Portraits,
    ) -> Step:
        """Makes one more picture or film of a character: like its portrait or its audition, as the asset says.

        `others` are characters it names, `siblings` the steps of assets it names, `linked` URLs of assets that a person has linked.
        """
        step = asset_slot("character", character.id, asset.id)
        labels = labels_of("character_asset", 2, f"char_asset_{character.id}_{asset.id}", asset.id)
        labels |= {"character_id": character.id, "entity_id": character.id}
        used = portraits.used([character.id, *others])
        pictures = [sibling.slot for sibling in siblings if sibling.maker == "image"]
        references = [*pictures, *portrait_uses(used)]
        edges: dict[str, Any] = {
            "hard": [sibling.job.step for sibling in siblings],
            "soft": portraits.steps([character.id, *others]),
            "inputs": {**used, **{sibling.slot: sibling.fingerprint for sibling in siblings}},
            "uses": (*portrait_uses(used), *(sibling.slot for sibling in siblings)),
        }
        who = {"character": self._people[character.id], **self._whole_cast}
        if asset.kind == drama_pb2.ASSET_KIND_VIDEO:
            film = film_pb2.AuditionInput(
                drama_id=self.drama.id,
                prompt=asset.prompt,
                slot=step,
                asset_id=asset.id,
                duration=asset.duration or CLIP_SECONDS,
                reference_slots=references,
                reference_urls=linked,
            )
            labels["type"] = "character_video"
            return self._made(
                Draft("video.audition", step, step, film, labels, "camera", {**who, "camera": self._camera}, **edges),
                seconds=film.duration,
            )
        picture = picture_pb2.PortraitInput(
            drama_id=self.drama.id,
            prompt=asset.prompt,
            slot=step,
            asset_id=asset.id,
            reference_slots=references,
            reference_urls=linked,
        )
        labels["type"] = "character_asset"
        return self._made(
            Draft("imaging.portrait", step, step, picture, labels, "brush", {**who, "brush": self._brush}, **edges)
        )

    def scenes(self, episode: drama_pb2.Episode, *, produce: bool, episode_branch: bool = False) -> Step:
        """Writes the scenes of one episode; with `produce` their pictures and films follow."""
        payload = story_pb2.ScenesInput(
            drama=self._outline,
            episode_id=episode.id,
            options=self.crew.options,
            produce=produce,
            episode_branch=episode_branch,
        )
        labels = labels_of("episode", 1, f"ep_{episode.id}", episode.id)
        labels |= {"episode_id": episode.id, "entity_id": episode.id, "type": "episode"}
        return self._made(Draft("story.scenes", f"scenes:{episode.id}", "", payload, labels, ""))

    def scene_picture(
        self,
        episode_id: str,
        scene: drama_pb2.Scene,
        asset: drama_pb2.EntityAsset,
        portraits: Portraits,
        *,
        board: Step | None = None,
        siblings: Sequence[Step] = (),
        linked: Sequence[str] = (),
    ) -> Step:
        """Draws a picture of a scene.

        Without `board` it is the storyboard, from which the scene's clip starts; else one more picture, which looks like the storyboard
        and like the pictures that it names.
        """
        named = [who for who in asset.depends_on if who in self._by_id]
        faces = in_scene(scene, list(self._by_id)) if board is None or not named else list(dict.fromkeys(named))
        asset_id = asset.id or f"{scene.id}_storyboard"
        step = f"storyboard:{scene.id}" if board is None else asset_slot("scene", scene.id, asset.id)
        slot = f"scene:{scene.id}:storyboard" if board is None else step
        above = [*(() if board is None else (board,)), *siblings]
        payload = picture_pb2.StoryboardInput(
            drama_id=self.drama.id,
            episode_id=episode_id,
            scene_id=scene.id,
            asset_id=asset_id,
            description=scene.description,
            prompt=asset.prompt,
            lines=lines_of(scene),
            slot="" if board is None else slot,
            reference_slots=[one.slot for one in above if one.maker == "image"],
            reference_urls=linked,
        )
        node = f"scene_{episode_id}_{scene.id}"
        labels = labels_of("scene", 2, node, asset_id)
        if board is not None:
            labels = labels_of("scene_asset", 3, f"scene_asset_{episode_id}_{scene.id}_{asset_id}", asset_id)
        labels |= {"episode_id": episode_id, "scene_id": scene.id, "entity_id": scene.id, "type": "scene_storyboard"}
        used = portraits.used(faces)
        return self._made(
            Draft(
                "imaging.storyboard",
                step,
                slot,
                payload,
                labels,
                "brush",
                {**_some(cast=self._told(faces)), **self._everybody, "brush": self._brush},
                hard=[one.job.step for one in above],
                soft=portraits.steps(faces),
                inputs={**used, **{one.slot: one.fingerprint for one in above}},
                uses=(*portrait_uses(used), *(one.slot for one in above)),
            )
        )

    def scene_film(
        self,
        episode_id: str,
        scene: drama_pb2.Scene,
        asset: drama_pb2.EntityAsset,
        portraits: Portraits,
        *,
        board: Step,
        first: bool = True,
        siblings: Sequence[Step] = (),
        linked: Sequence[str] = (),
    ) -> Step:
        """Films a scene: its clip when it is the `first` film, else one more. It starts from the picture that it names, else from the
        storyboard."""
        asset_id = asset.id or f"{scene.id}_clip"
        step = f"clip:{scene.id}" if first else asset_slot("scene", scene.id, asset.id)
        slot = f"scene:{scene.id}:clip" if first else step
        seconds = asset.duration or CLIP_SECONDS
        pictures = [one for one in siblings if one.maker == "image" and one.slot != board.slot]
        shown = next((one.prompt for one in pictures), image_of(scene).prompt)
        # A character named by a film is in it; only a further film refers to portraits, for a clip starts from its storyboard.
        named = () if first else [who for who in asset.depends_on if who in self._by_id]
        here = list(dict.fromkeys(named)) or in_scene(scene, list(self._by_id))
        used = portraits.used(named)
        payload = film_pb2.ClipInput(
            drama_id=self.drama.id,
            episode_id=episode_id,
            scene_id=scene.id,
            asset_id=asset_id,
            description=scene.description,
            image_prompt=shown,
            prompt=asset.prompt,
            present=here,
            # The scene's dialogue is spoken once, in its clip.
            lines=lines_of(scene if first else asset),
            duration=seconds,
            slot="" if first else slot,
            reference_slots=[*(one.slot for one in pictures), board.slot] if pictures else (),
            reference_urls=linked,
        )
        labels = labels_of("scene_asset", 3, f"scene_asset_{episode_id}_{scene.id}_{asset_id}", asset_id)
        labels |= {"episode_id": episode_id, "scene_id": scene.id, "entity_id": scene.id, "type": "scene_video_clip"}
        above = [board, *(one for one in siblings if one.slot != board.slot)]
        # The house's own film maker keeps voices and looks apart among the whole cast; a vendor sees those present.
        marked = {} if self.crew.filmer.vendor == "local" else {"cast": self._told(here)}
        return self._made(
            Draft(
                "video.clip",
                step,
                slot,
                payload,
                labels,
                "camera",
                {**self._whole_cast, "camera": self._camera},
                marked,
                hard=[one.job.step for one in above],
                soft=portraits.steps(named),
                inputs={**used, **{one.slot: one.fingerprint for one in above}},
                uses=(*portrait_uses(used), *(one.slot for one in above)),
            ),
            seconds=seconds,
        )

    def assemble(self, episode_id: str, clips: Sequence[Step], stored: Sequence[str] = ()) -> Step:
        """Joins the clips of one episode, in scene order: those the run makes, or `stored` ones, by their assets."""
        payload = film_pb2.AssembleInput(
            drama_id=self.drama.id,
            episode_id=episode_id,
            clip_steps=() if stored else [clip.job.step for clip in clips],
            stored_asset_ids=stored,
        )
        labels = labels_of("assemble", 4, f"assemble_{episode_id}", f"{episode_id}_film")
        labels |= {"episode_id": episode_id, "entity_id": episode_id, "type": "episode_film"}
        return self._made(
            Draft(
                "video.assemble",
                f"assemble:{episode_id}",
                f"episode:{episode_id}:film",
                payload,
                labels,
                "",
                hard=() if stored else [clip.job.step for clip in clips],
                inputs={clip.slot: clip.fingerprint for clip in clips},
                uses=[clip.slot for clip in clips],
            ),
            clips=len(clips),
        )

    def cost(self, kind: str, *, seconds: int = CLIP_SECONDS, clips: int = 0) -> Cost:
        """Returns who of the crew does a kind of job, for how much and in how long. `seconds` is the length of a film."""
        return cost_of(self.crew, kind, seconds=seconds, clips=clips)

    def _made(self, draft: Draft, *, seconds: int = CLIP_SECONDS, clips: int = 0) -> Step:
        override = self._overrides.get(draft.step, Override())
        cost = self.cost(draft.kind, seconds=override.duration or seconds, clips=clips)
        return finish(draft, cost, self.attempts, override, self._marks.get(draft.step, ""))

    def _told(self, who: Iterable[str]) -> list[dict[str, Any]]:
        return [self._people[one] for one in who]

    @cached_property
    def _whole_cast(self) -> dict[str, Any]:
        return _some(cast=self._told(self._by_id))

    @cached_property
    def _everybody(self) -> dict[str, Any]:
        # Only the local painter tells people apart by the whole cast; a vendor's picture is not stale because somebody else changed.
        return _some(everybody=self._told(self._by_id)) if self.crew.painter.vendor == "local" else {}

    @cached_property
    def _outline(self) -> drama_pb2.Drama:
        return outline(self.drama)

    @cached_property
    def _brush(self) -> dict[str, Any]:
        painter = self.crew.painter
        brush = picture_pb2.Brush(
            painter=painter.vendor,
            model="" if painter.vendor == "local" else painter.id,
            style=self.style,
            seed=self.seed,
            language=self.language,
        )
        return json_format.MessageToDict(brush, preserving_proto_field_name=True)

    @cached_property
    def _camera(self) -> dict[str, Any]:
        filmer = self.crew.filmer
        camera = film_pb2.Camera(
            filmer=filmer.vendor,
            model="" if filmer.vendor == "local" else filmer.id,
            style=self.style,
            seed=self.seed,
            language=self.language,
        )
        return json_format.MessageToDict(camera, preserving_proto_field_name=True)


def _some(**lists: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the lists that are not empty: an empty one is no part of a message's JSON."""
    return {name: entries for name, entries in lists.items() if entries}
