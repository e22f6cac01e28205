"""One function for each kind of job a drama asks for: input, edges, labels, price and fingerprint.

The planner and the handlers that add jobs make them here and nowhere else, so that equal work has an equal fingerprint whichever run it
is in. A fingerprint covers the kind, its handler's version, the model, the prompt, the parameters and the identity of every input: the
fingerprint of the input's own job, which is known before the input is made (its bytes are not), or the SHA-256 of a picture that came
from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.fingerprint import fingerprint
from kit.jsonio import dumps
from kit.providers.catalogue import Model, price
from services.story.convert import CLIP_SECONDS, lines_of, outline, person
from services.story.crew import DEFAULT_STYLE, Crew, seed_of
from services.story.local import detect_language
from services.story.plan_parts import (
    MAX_FACES,
    film_of,
    image_of,
    in_scene,
    labels_of,
    legal_seconds,
    live_slots,
    main_characters,
    message_json,
    portrait_slot,
)
from sfd.dramas.v1 import drama_pb2
from sfd.imaging.v1 import picture_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2
from sfd.video.v1 import film_pb2

VERSIONS: Mapping[str, int] = {
    "imaging.portrait": 1,
    "imaging.cover": 1,
    "imaging.storyboard": 1,
    "video.audition": 1,
    "video.clip": 1,
    "video.assemble": 1,
}
"""Raise one when its handler makes something else of the same input: what is live becomes stale."""
SCENES_UNITS: Mapping[str, int] = {"input_tokens": 4_000, "output_tokens": 8_000}
"""What writing the scenes of one episode is expected to take."""


LOCAL_JOINER = Model(id="local", vendor="local", kind="video")
"""Joining clips is always the house's own work."""


@dataclass(frozen=True)
class Step:
    """A job to be, and what the planner must know of it. `live` names slots it uses that no step of the plan makes."""

    job: job_pb2.NewJob
    model: Model
    price_nano_usd: int = 0
    slot: str = ""
    fingerprint: str = ""
    live: tuple[str, ...] = ()

    @property
    def parents(self) -> tuple[str, ...]:
        """Steps it waits for, each once."""
        return tuple(dict.fromkeys((*self.job.hard_parents, *self.job.soft_parents)))


@dataclass(frozen=True)
class Portraits:
    """Whose portrait stands for whom: `planned` by steps of the run, `live` on the drama; both by character id, as identities."""

    planned: Mapping[str, str] = field(default_factory=dict)
    live: Mapping[str, str] = field(default_factory=dict)

    def used(self, cast: Iterable[str]) -> dict[str, str]:
        """Returns the identities of the first three of `cast` who have a portrait, by character."""
        known = {**self.live, **self.planned}
        return {who: known[who] for who in [c for c in dict.fromkeys(cast) if c in known][:MAX_FACES]}


class Workshop:
    """Makes the steps of one drama for one crew."""

    def __init__(self, drama: drama_pb2.Drama, crew: Crew, *, attempts: int = 3) -> None:
        self._drama = drama
        self._crew = crew
        self._attempts = attempts
        self._cast = [person(character) for character in drama.characters]
        # Only the local painter tells people apart by the whole cast; a vendor's picture is not stale because somebody else changed.
        self._everybody = self._cast if crew.painter.vendor == "local" else []
        options = crew.options
        text = f"{drama.title}\n{drama.description}"
        self.language = options.language or detect_language(text if text.strip() else drama.premise)
        self.style = options.style or DEFAULT_STYLE
        self.seed = options.seed or seed_of(drama.premise or drama.title or drama.id)

    def portrait(self, character: drama_pb2.Character) -> Step:
        """Draws one character; whoever else is in the cast must look different."""
        payload = picture_pb2.PortraitInput(
            drama_id=self._drama.id,
            character=person(character),
            cast=self._cast,
            brush=self._brush(),
            reference_url=character.premise_url,
        )
        labels = labels_of("character", 1, f"char_{character.id}", f"{character.id}_portrait_front_halfbody")
        labels |= {"character_id": character.id, "entity_id": character.id, "type": "character_portrait"}
        return self._picture(
            "imaging.portrait", f"portrait:{character.id}", portrait_slot(character.id), payload, labels
        )

    def cover(self, portrait_steps: Iterable[str] = (), portraits: Portraits | None = None) -> Step:
        """Draws the cover with the main characters, after their portraits."""
        faces = main_characters(self._cast)
        payload = picture_pb2.CoverInput(
            drama_id=self._drama.id,
            title=self._drama.title,
            description=self._drama.description,
            cast=faces,
            everybody=self._everybody,
            brush=self._brush(),
        )
        steps = set(portrait_steps)
        soft = [f"portrait:{c.id}" for c in faces if f"portrait:{c.id}" in steps]
        labels = labels_of("cover", 2, f"cover_{self._drama.id}", f"{self._drama.id}_cover")
        labels |= {"entity_id": self._drama.id, "type": "drama_cover", "main_characters": [c.id for c in faces]}
        used = (portraits or Portraits()).used(c.id for c in faces)
        return self._picture("imaging.cover", "cover", "drama:cover", payload, labels, soft=soft, inputs=used)

    def audition(self, character: drama_pb2.Character, soft: Sequence[str], portraits: Portraits) -> Step:
        """Lets one character speak about itself for ten seconds."""
        payload = film_pb2.AuditionInput(
            drama_id=self._drama.id, character=person(character), cast=self._cast, camera=self._camera()
        )
        asset_id = f"{character.id}_audition_video"
        labels = labels_of("character_asset", 2, f"char_asset_{character.id}_{asset_id}", asset_id)
        labels |= {"character_id": character.id, "entity_id": character.id, "type": "character_audition"}
        return self._film(
            "video.audition",
            f"audition:{character.id}",
            f"character:{character.id}:audition",
            payload,
            labels,
            seconds=CLIP_SECONDS,
            soft=soft,
            inputs=portraits.used([character.id]),
        )

    def scenes(self, episode: drama_pb2.Episode, *, produce: bool, soft: Sequence[str] = ()) -> Step:
        """Writes the scenes of one episode; with `produce` their pictures and films follow."""
        payload = story_pb2.ScenesInput(
            drama=outline(self._drama), episode_id=episode.id, options=self._crew.options, produce=produce
        )
        labels = labels_of("episode", 1, f"ep_{episode.id}", episode.id)
        labels |= {"episode_id": episode.id, "entity_id": episode.id, "type": "episode"}
        writer = self._crew.writer
        cost = price(writer, **SCENES_UNITS)
        job = self._job("story.scenes", f"scenes:{episode.id}", "story", payload, labels, writer, cost, soft=soft)
        return Step(job, writer, cost)

    def storyboard(
        self, episode_id: str, scene: drama_pb2.Scene, portrait_steps: Iterable[str], portraits: Portraits
    ) -> Step:
        """Draws the picture that a scene's clip starts from; it is the scene's first image asset."""
        image = image_of(scene)
        by_id = {character.id: character for character in self._cast}
        faces = [by_id[who] for who in in_scene(scene, self._ids())]
        asset_id = image.id or f"{scene.id}_storyboard"
        payload = picture_pb2.StoryboardInput(
            drama_id=self._drama.id,
            episode_id=episode_id,
            scene_id=scene.id,
            asset_id=asset_id,
            description=scene.description,
            prompt=image.prompt,
            cast=faces,
            everybody=self._everybody,
            lines=lines_of(scene),
            brush=self._brush(),
        )
        steps = set(portrait_steps)
        used = portraits.used(c.id for c in faces)
        soft = [f"portrait:{who}" for who in used if f"portrait:{who}" in steps]
        labels = labels_of("scene", 2, f"scene_{episode_id}_{scene.id}", asset_id)
        labels |= {"episode_id": episode_id, "scene_id": scene.id, "entity_id": scene.id, "type": "scene_storyboard"}
        slot = f"scene:{scene.id}:storyboard"
        return self._picture(
            "imaging.storyboard", f"storyboard:{scene.id}", slot, payload, labels, soft=soft, inputs=used
        )

    def clip(self, episode_id: str, scene: drama_pb2.Scene, storyboard: Step) -> Step:
        """Films one scene, from its storyboard."""
        image, film = image_of(scene), film_of(scene)
        asset_id = film.id or f"{scene.id}_clip"
        seconds = film.duration or CLIP_SECONDS
        payload = film_pb2.ClipInput(
            drama_id=self._drama.id,
            episode_id=episode_id,
            scene_id=scene.id,
            asset_id=asset_id,
            description=scene.description,
            image_prompt=image.prompt,
            prompt=film.prompt,
            cast=self._cast,
            present=in_scene(scene, self._ids()),
            lines=lines_of(scene),
            duration=seconds,
            camera=self._camera(),
        )
        labels = labels_of("scene_asset", 3, f"scene_asset_{episode_id}_{scene.id}_{asset_id}", asset_id)
        labels |= {"episode_id": episode_id, "scene_id": scene.id, "entity_id": scene.id, "type": "scene_video_clip"}
        return self._film(
            "video.clip",
            f"clip:{scene.id}",
            f"scene:{scene.id}:clip",
            payload,
            labels,
            seconds=seconds,
            hard=[storyboard.job.step],
            inputs={storyboard.slot: storyboard.fingerprint},
        )

    def assemble(self, episode_id: str, clips: Sequence[Step]) -> Step:
        """Joins the clips of one episode, in scene order."""
        payload = film_pb2.AssembleInput(
            drama_id=self._drama.id, episode_id=episode_id, clip_steps=[clip.job.step for clip in clips]
        )
        mark = fingerprint(
            "video.assemble",
            VERSIONS["video.assemble"],
            "local",
            {"episode": episode_id, "inputs": [[clip.slot, clip.fingerprint] for clip in clips]},
        )
        payload.fingerprint = mark
        labels = labels_of("assemble", 4, f"assemble_{episode_id}", f"{episode_id}_film")
        labels |= {"episode_id": episode_id, "entity_id": episode_id, "type": "episode_film"}
        joiner = LOCAL_JOINER
        hard = [clip.job.step for clip in clips]
        job = self._job("video.assemble", f"assemble:{episode_id}", "video", payload, labels, joiner, 0, hard=hard)
        return Step(job, joiner, 0, f"episode:{episode_id}:film", mark)

    def clip_price(self, seconds: int) -> int:
        """Returns what a clip of so many seconds costs, in nano-USD."""
        return price(self._crew.filmer, seconds=legal_seconds(self._crew.filmer, seconds))

    def picture_price(self) -> int:
        """Returns what a picture costs, in nano-USD."""
        return price(self._crew.painter, images=1)

    @property
    def crew(self) -> Crew:
        """Who does it."""
        return self._crew

    def _ids(self) -> list[str]:
        return [c.id for c in self._cast]

    def _brush(self) -> picture_pb2.Brush:
        painter = self._crew.painter
        return picture_pb2.Brush(
            painter=painter.vendor,
            model="" if painter.vendor == "local" else painter.id,
            style=self.style,
            seed=self.seed,
            language=self.language,
        )

    def _camera(self) -> film_pb2.Camera:
        filmer = self._crew.filmer
        return film_pb2.Camera(
            filmer=filmer.vendor,
            model="" if filmer.vendor == "local" else filmer.id,
            style=self.style,
            seed=self.seed,
            language=self.language,
        )

    def _picture(
        self,
        kind: str,
        step: str,
        slot: str,
        payload: picture_pb2.PortraitInput | picture_pb2.CoverInput | picture_pb2.StoryboardInput,
        labels: Mapping[str, Any],
        *,
        soft: Sequence[str] = (),
        inputs: Mapping[str, str] | None = None,
    ) -> Step:
        painter, cost = self._crew.painter, self.picture_price()
        mark = self._mark(kind, painter, payload, inputs or {})
        payload.brush.fingerprint = mark
        job = self._job(kind, step, "imaging", payload, labels, painter, cost, soft=soft)
        return Step(job, painter, cost, slot, mark, live_slots(inputs or {}, soft))

    def _film(
        self,
        kind: str,
        step: str,
        slot: str,
        payload: film_pb2.AuditionInput | film_pb2.ClipInput,
        labels: Mapping[str, Any],
        *,
        seconds: int,
        hard: Sequence[str] = (),
        soft: Sequence[str] = (),
        inputs: Mapping[str, str],
    ) -> Step:
        filmer, cost = self._crew.filmer, self.clip_price(seconds)
        mark = self._mark(kind, filmer, payload, inputs)
        payload.camera.fingerprint = mark
        job = self._job(kind, step, "video", payload, labels, filmer, cost, hard=hard, soft=soft)
        return Step(job, filmer, cost, slot, mark, () if hard else live_slots(inputs, soft))

    def _mark(self, kind: str, model: Model, payload: Message, inputs: Mapping[str, str]) -> str:
        """Returns the fingerprint of a payload whose own fingerprint field is still empty."""
        if isinstance(payload, film_pb2.ClipInput) and model.vendor != "local":
            # The house's own film maker keeps voices and looks apart among the whole cast; a vendor sees those present.
            payload, whole = film_pb2.ClipInput(), payload
            payload.CopyFrom(whole)
            del payload.cast[:]
            payload.cast.extend(c for c in whole.cast if c.id in whole.present)
        parts = {
            "payload": json_format.MessageToDict(payload, preserving_proto_field_name=True),
            "inputs": dict(inputs),
        }
        return fingerprint(kind, VERSIONS[kind], model.name, parts)

    def _job(
        self,
        kind: str,
        step: str,
        queue: str,
        payload: Message,
        labels: Mapping[str, Any],
        model: Model,
        cost: int,
        *,
        hard: Sequence[str] = (),
        soft: Sequence[str] = (),
    ) -> job_pb2.NewJob:
        return job_pb2.NewJob(
            step=step,
            kind=kind,
            queue=queue,
            payload_type=payload.DESCRIPTOR.full_name,
            input_json=message_json(payload),
            hard_parents=list(hard),
            soft_parents=list(soft),
            max_attempts=self._attempts,
            metadata_json=dumps({**labels, "model": model.name, "price_nano_usd": cost}),
        )
