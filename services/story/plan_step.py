"""A step of a plan, and how a job of one kind becomes one: its input as JSON, its fingerprint, its price and its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from google.protobuf import json_format
from google.protobuf.message import Message

from kit.errors import InvalidInput
from kit.fingerprint import fingerprint
from kit.jsonio import dumps
from kit.providers.catalogue import Kind, Model
from services.story.plan_cost import Cost
from services.story.plan_parts import MAX_FACES, portrait_slot
from sfd.jobs.v1 import job_pb2

VERSIONS: Mapping[str, int] = {
    "imaging.portrait": 1,
    "imaging.cover": 1,
    "imaging.storyboard": 1,
    "video.audition": 1,
    "video.clip": 1,
    "video.assemble": 1,
}
"""Raise one when its handler makes something else of the same input: what is live becomes stale."""
MAX_REFERENCES = 3
"""Pictures that a person can name for one step."""
MAX_SECONDS = 60
Holder: TypeAlias = Literal["brush", "camera", ""]
"""Where an input keeps its fingerprint: in the brush, in the camera, or by itself."""


@dataclass(frozen=True)
class Step:
    """A job to be, and what the planner must know of it. `uses` are the slots of everything it is made from."""

    job: job_pb2.NewJob
    model: Model
    maker: Kind = "text"
    price_nano_usd: int = 0
    price_low_nano_usd: int = 0
    price_high_nano_usd: int = 0
    seconds: float = 0.0
    slot: str = ""
    fingerprint: str = ""
    uses: tuple[str, ...] = ()
    prompt: str = ""
    node_type: str = ""
    entity_id: str = ""
    episode_id: str = ""

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

    def steps(self, cast: Iterable[str]) -> list[str]:
        """Returns the steps of the run that draw the portraits which `used` counts."""
        return [f"portrait:{who}" for who in self.used(cast) if who in self.planned]


@dataclass(frozen=True)
class Override:
    """What a person wants of one step this once. It is not part of the fingerprint: the next production leaves the wish alone."""

    prompt: str = ""
    reference_urls: tuple[str, ...] = ()
    duration: int = 0

    def __bool__(self) -> bool:
        return bool(self.prompt or self.reference_urls or self.duration)

    def check(self) -> Override:
        """Returns itself; raises `InvalidInput` for a length, a number or a URL that cannot be."""
        if len(self.prompt) > 8_000 or "\x00" in self.prompt:
            raise InvalidInput("prompt must be at most 8000 characters without NUL.", field="prompt")
        if len(self.reference_urls) > MAX_REFERENCES:
            raise InvalidInput(f"reference_urls has more than {MAX_REFERENCES}.", field="reference_urls")
        for number, url in enumerate(self.reference_urls):
            check_url(url, f"reference_urls[{number}]")
        if not 0 <= self.duration <= MAX_SECONDS:
            raise InvalidInput(f"duration must be 0 to {MAX_SECONDS}.", field="duration")
        return self


def check_url(url: str, field_name: str) -> str:
    """Returns a picture's URL; raises `InvalidInput` unless it is an http or https one of at most 2048 characters."""
    good = url.startswith(("http://", "https://")) and not any(c.isspace() or c == "\x00" for c in url)
    if len(url) > 2_048 or not good:
        raise InvalidInput(f"{field_name} must be an http or https URL.", reason="bad_url", field=field_name)
    return url


@dataclass(frozen=True)
class Draft:
    """What one kind of job asks for, before it is one.

    `payload` is its input without what a drama's steps share, which `shared` adds as JSON values; `marked` replaces parts of the input in
    the fingerprint. `inputs` are identities of what it is made from, `uses` the slots of that.
    """

    kind: str
    step: str
    slot: str
    payload: Message
    labels: Mapping[str, Any]
    holder: Holder
    shared: Mapping[str, Any] = field(default_factory=dict)
    marked: Mapping[str, Any] = field(default_factory=dict)
    hard: Sequence[str] = ()
    soft: Sequence[str] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    uses: Sequence[str] = ()


def portrait_uses(portraits: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the slots of the portraits that are used."""
    return tuple(portrait_slot(who) for who in portraits)


def finish(draft: Draft, cost: Cost, attempts: int, override: Override, mark: str = "") -> Step:
    """Returns the step of a draft. `mark` is the fingerprint to carry; empty means its own, which a person's override never changes."""
    given = {**json_format.MessageToDict(draft.payload, preserving_proto_field_name=True), **draft.shared}
    if not draft.slot:
        mark = ""
    elif draft.kind == "video.assemble":
        parts = {"episode": given["episode_id"], "inputs": [[slot, known] for slot, known in draft.inputs.items()]}
        mark = mark or fingerprint(draft.kind, VERSIONS[draft.kind], cost.model.name, parts)
    else:
        parts = {"payload": {**given, **draft.marked}, "inputs": dict(draft.inputs)}
        mark = mark or fingerprint(draft.kind, VERSIONS[draft.kind], cost.model.name, parts)
    if draft.holder:
        given[draft.holder] = {**given[draft.holder], "fingerprint": mark}
    elif mark:
        given["fingerprint"] = mark
    if override.prompt:
        given["prompt"] = override.prompt
    if override.reference_urls:
        given["reference_urls"] = [*override.reference_urls, *given.get("reference_urls", ())]
    if override.duration and draft.holder == "camera":
        given["duration"] = override.duration
    labels = {**draft.labels, "model": cost.model.name, "price_nano_usd": cost.expected}
    job = job_pb2.NewJob(
        step=draft.step,
        kind=draft.kind,
        queue=draft.kind.partition(".")[0],
        payload_type=draft.payload.DESCRIPTOR.full_name,
        input_json=dumps(given),
        hard_parents=draft.hard,
        soft_parents=[step for step in draft.soft if step not in draft.hard],
        max_attempts=attempts,
        metadata_json=dumps(labels),
    )
    return Step(
        job=job,
        model=cost.model,
        maker=cost.maker,
        price_nano_usd=cost.expected,
        price_low_nano_usd=cost.least,
        price_high_nano_usd=cost.most * attempts,
        seconds=cost.seconds,
        slot=draft.slot,
        fingerprint=mark,
        uses=tuple(draft.uses),
        prompt=str(given.get("prompt", "")),
        node_type=str(labels.get("node_type", "")),
        entity_id=str(labels.get("entity_id", "")),
        episode_id=str(labels.get("episode_id", "")),
    )
