"""What a run was made with, kept in its labels, so that it can be done again with the same makers, look and seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format

from kit.errors import InvalidInput
from kit.jsonio import load_object
from services.story.plan_step import Override
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_pb2

WISH = "wish"
"""The label under which a run keeps it."""
STANDING = frozenset({"generate_drama", "improve_drama", "execute_drama"})
"""Kinds of run whose makers are those of the whole drama from then on."""


@dataclass(frozen=True)
class Wish:
    """The options of a run, which episodes it was about, and what was wanted of a single step."""

    options: story_pb2.Options = field(default_factory=story_pb2.Options)
    episode_ids: tuple[str, ...] = ()
    episode_branch: bool = False
    force: bool = False
    step: str = ""
    override: Override = field(default_factory=Override)

    def label(self) -> dict[str, Any]:
        """Returns it as JSON values, without what is empty."""
        options = json_format.MessageToDict(self.options, preserving_proto_field_name=True)
        whole = {
            "options": options,
            "episode_ids": list(self.episode_ids),
            "episode_branch": self.episode_branch,
            "force": self.force,
            "step": self.step,
            "prompt": self.override.prompt,
            "reference_urls": list(self.override.reference_urls),
            "duration": self.override.duration,
        }
        return {name: value for name, value in whole.items() if value}


def wish_of(run: job_pb2.Run) -> Wish | None:
    """Returns what a run was made with; None for one that does not say."""
    try:
        kept = load_object(run.metadata_json, "metadata_json").get(WISH)
    except InvalidInput:
        return None
    if not isinstance(kept, Mapping):
        return None
    try:
        options = json_format.ParseDict(kept.get("options", {}), story_pb2.Options(), ignore_unknown_fields=True)
        return Wish(
            options=options,
            episode_ids=tuple(str(one) for one in kept.get("episode_ids", ())),
            episode_branch=bool(kept.get("episode_branch")),
            force=bool(kept.get("force")),
            step=str(kept.get("step", "")),
            override=Override(
                str(kept.get("prompt", "")),
                tuple(str(one) for one in kept.get("reference_urls", ())),
                int(kept.get("duration", 0)),
            ),
        )
    except (json_format.ParseError, TypeError, ValueError):
        return None
