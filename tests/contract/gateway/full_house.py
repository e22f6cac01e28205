"""The fakes' memory with what the routes below a drama need: first answers, takes, a plan, dead letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from google.protobuf.message import Message

from kit import errors
from sfd.dramas.v1 import drama_pb2
from sfd.jobs.v1 import job_pb2
from sfd.story.v1 import story_service_pb2
from sfd.video.v1 import generation_service_pb2
from tests.contract.gateway.fakes import House

R = TypeVar("R", bound=Message)


@dataclass
class FullHouse(House):
    """`outcome` is the URL with which every single step ends at once; empty leaves it at work. `vendors` are those that film."""

    replies: dict[str, tuple[bytes, Message]] = field(default_factory=dict)
    takes: list[drama_pb2.Take] = field(default_factory=list)
    dead_letters: list[job_pb2.DeadLetter] = field(default_factory=list)
    plan: story_service_pb2.PlanProductionResponse = field(default_factory=story_service_pb2.PlanProductionResponse)
    outcome: str = ""
    vendors: list[generation_service_pb2.FilmVendor] = field(default_factory=list)
    rows_json: str = ""

    def once(self, request: Any, work: Callable[[], R]) -> R:
        """Returns the first answer again for the same request id; raises AlreadyExists when the request was another one."""
        if not request.request_id:
            return work()
        raw = request.SerializeToString(deterministic=True)
        known = self.replies.get(request.request_id)
        if known is None:
            reply = work()
            self.replies[request.request_id] = (raw, reply)
            return reply
        if known[0] != raw:
            raise errors.AlreadyExists("This request id was used for another request.", reason="idempotency_key_reused")
        return cast("R", known[1])

    def reset(self) -> None:
        """Forgets what is kept here; the fixture forgets the rest."""
        self.replies.clear()
        self.takes.clear()
        self.dead_letters.clear()
        self.plan = story_service_pb2.PlanProductionResponse()
        self.outcome = ""
        local = generation_service_pb2.FilmVendor(name="local", key=generation_service_pb2.KEY_OWNER_NOBODY)
        self.vendors, self.rows_json = [local], ""
