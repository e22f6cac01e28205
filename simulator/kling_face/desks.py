"""What both of Kling's protocols share: tasks, their results and callbacks, and the account."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from simulator.delivery import FilmDesk, bought
from simulator.door import Answer, Ask, World
from simulator.faults import Fault
from simulator.jobs import VideoJob, job_fields, now
from simulator.jsons import Json, as_dict, as_str, compact
from simulator.kling_face.errors import KlingErrors, error, shape
from simulator.kling_face.models import UNIT, Kling
from simulator.notes import Notes, loopback

VENDOR = "kling"
BLOCKED = "1301"


class KlingDesk(FilmDesk):
    """An operation of one protocol."""

    def __init__(self, world: World, errors: KlingErrors) -> None:
        super().__init__(world, VENDOR, errors)

    def made(self, job: VideoJob) -> Json:
        """Return what is known of how a task was ordered: `path`, `seconds`, `units`."""
        return as_dict(json.loads(job.remixed_from or "{}"))


class SubmitDesk(KlingDesk):
    """A submit: subclasses check their own bodies and name the answer's shape."""

    op = "submit"

    def __init__(self, world: World, errors: KlingErrors, notes: Notes) -> None:
        super().__init__(world, errors)
        self._notes = notes

    def check_options(self, ask: Ask, options: Json) -> None:
        """Raise for an empty account, a callback that is not this machine's, and an external id that was used before."""
        if self.spent(ask):
            raise error(1102, "Account balance not enough")
        callback, reference = as_str(options.get("callback_url")), as_str(options.get("external_task_id"))
        if callback and not loopback(callback):
            raise error(1201, "callback_url is invalid")
        if reference and any(job.reference == reference for job in self.world.jobs.of(self.owner(ask))):
            raise error(1201, "external_task_id is already used")

    def take(
        self,
        ask: Ask,
        fault: Fault | None,
        name: str,
        model: Kling,
        order: tuple[str, str, int, str, bool],
        options: Json,
        view: Callable[[VideoJob], Json],
    ) -> Answer:
        """Accept a task ordered as (path, tier, seconds, size, sound)."""
        path, tier, seconds, size, sound = order
        at, price = now(), model.prices[tier][sound] * seconds
        units = f"{price / UNIT:.4g}"
        job = VideoJob(
            id=str(secrets.randbelow(10**18) + 10**17),
            owner=self.owner(ask),
            model=name,
            prompt=self.look(ask)[1],
            seconds=str(seconds),
            size=size,
            created=at,
            ready=at,
            remixed_from=json.dumps({"path": path, "units": units}),
            reference=as_str(options.get("external_task_id")),
            callback=as_str(options.get("callback_url")),
        )
        self.accepted(ask, fault, job, BLOCKED)
        answer = bought(
            job, shape(0, "SUCCEED", data=view(job)), job_fields(job), {"seconds": seconds, "units": units}, price
        )
        if not job.callback:
            return answer
        headers = {"content-type": "application/json"}
        return replace(answer, then=partial(self._notes.when_done, job, lambda: (compact(view(job)), headers), fault))


class CostsDesk(KlingDesk):
    """GET /account/costs?start_time&end_time: the packs and what is left in them."""

    op = "models"

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the times."""
        if not (ask.query.get("start_time", "").isdecimal() and ask.query.get("end_time", "").isdecimal()):
            raise error(1201, "start_time is invalid")
        return "", ""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Return one pack."""
        spent = self.spent(ask)
        pack = {
            "resource_pack_name": "Video Generation - 5000 units",
            "resource_pack_id": "509f3fd3d4f644c09d9f0a5b5e4f8c21",
            "resource_pack_type": "decreasing_total",
            "total_quantity": 5000.0,
            "remaining_quantity": 0.0 if spent else 118.1,
            "status": "runOut" if spent else "online",
        }
        data = {"code": 0, "msg": "success", "resource_pack_subscribe_infos": [pack]}
        return Answer.of(shape(0, "SUCCEED", data=data))
