"""A worker of light jobs for tests of faults: the real runtime, kinds that do in milliseconds what real ones do in minutes.

python -m kit.testing.light QUEUE SLOTS [--role work]

test.noop    ends at once                       test.sleep   takes `seconds`
test.later   gives itself back three times      test.put     puts bytes into the bucket
test.fan     adds `width` jobs to its run       test.kill    ends its worker as a kill -9 would
test.hang    never ends                         test.raise   has a bug
test.huge    answers with too much              test.nul     answers with what cannot be stored
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from google.protobuf.struct_pb2 import Struct

from kit.config import Settings
from kit.jobs.handler import Done, Handler, JobContext, Later, Outcome
from kit.service import House, Parts, main
from sfd.assets.v1 import asset_service_pb2
from sfd.jobs.v1 import job_pb2

HANG_SECONDS = 2.0
"""What these handlers may take; far less than in production, so that a test sees the end of what hangs."""
PNG = b"\x89PNG\r\n\x1a\n"
STEP = 0.25


def number(given: Struct, name: str, default: float) -> float:
    """Returns a number of the input."""
    return given.fields[name].number_value if name in given.fields else default


def _answer(text: str) -> Done:
    output = Struct()
    output["text"] = text
    return Done(output)


async def _noop(context: JobContext, given: Struct) -> Outcome:
    return _answer("done")


async def _sleep(context: JobContext, given: Struct) -> Outcome:
    seconds = number(given, "seconds", 0.1)
    steps = max(1, round(seconds / STEP))
    for step in range(steps):
        await asyncio.sleep(seconds / steps)
        context.report((step + 1) / steps)
        context.check()
    return _answer("rested")


async def _later(context: JobContext, given: Struct) -> Outcome:
    done = context.job.progress + 0.3
    return _answer("at last") if done > 1 else Later(number(given, "seconds", 0.1), done, "not yet")


async def _put(context: JobContext, given: Struct) -> Outcome:
    asset = await context.store.put(PNG + context.job.id.encode(), "image", asset_id=context.job.id)
    return _answer(asset.id)


async def _fan(context: JobContext, given: Struct) -> Outcome:
    names = [f"{context.job.step}.{n}" for n in range(int(number(given, "width", 2)))]
    new = [job_pb2.NewJob(step=name, kind="test.noop", queue=context.job.queue) for name in names]
    new.append(job_pb2.NewJob(step=f"{context.job.step}.end", kind="test.noop", queue=context.job.queue))
    new[-1].hard_parents.extend(names)
    output = Struct()
    output["text"] = "fanned"
    return Done(output, add_jobs=new)


async def _kill(context: JobContext, given: Struct) -> Outcome:
    os._exit(137)


async def _hang(context: JobContext, given: Struct) -> Outcome:
    await asyncio.Event().wait()
    return _answer("never")


async def _raise(context: JobContext, given: Struct) -> Outcome:
    raise ZeroDivisionError("a bug with the canary of its input inside: " + str(given))


async def _huge(context: JobContext, given: Struct) -> Outcome:
    return _answer("x" * (2 * 1024 * 1024))


async def _typed(context: JobContext, given: asset_service_pb2.SignDownloadRequest) -> Outcome:
    return _answer(str(len(await context.store.get(given.asset_id))))


_KINDS = {
    "noop": _noop,
    "sleep": _sleep,
    "later": _later,
    "put": _put,
    "fan": _fan,
    "kill": _kill,
    "hang": _hang,
    "raise": _raise,
    "huge": _huge,
}


def handlers() -> list[Handler[Any]]:
    """Returns the handlers of every light kind."""
    seconds = {"hang": HANG_SECONDS}
    typed = Handler("test.typed", asset_service_pb2.SignDownloadRequest, _typed, 60.0)
    return [typed, *(Handler(f"test.{name}", Struct, run, seconds.get(name, 60.0)) for name, run in _KINDS.items())]


async def _build(settings: Settings, house: House, slots: int) -> Parts:
    return Parts(handlers=handlers(), slots=slots)


if __name__ == "__main__":
    sys.exit(
        main(
            "light",
            Settings,
            address=lambda settings: "127.0.0.1:0",
            queue=sys.argv[1],
            build=lambda settings, house: _build(settings, house, int(sys.argv[2])),
            argv=[*sys.argv[3:], "--role", "work"],
        )
    )
