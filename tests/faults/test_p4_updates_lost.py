"""P4: writers of one drama lose no update while storage is killed under them: every ok is there once, every refusal is not."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from kit.errors import Conflict, SfdError
from sfd.dramas.v1 import drama_pb2
from sfd.dramas.v1 import drama_service_pb2 as rpc
from sfd.dramas.v1.drama_service_pb2_grpc import DramaServiceStub
from tests.faults.crowd import crowd
from tests.faults.history import FAIL, OK, UNKNOWN, History, Tally

pytestmark = [pytest.mark.system, pytest.mark.slow, pytest.mark.timeout(500)]
WRITERS = 8
APPENDS = 15
KILLS = 5


async def append(dramas: DramaServiceStub, name: str, history: History) -> None:
    """Appends one number to a list in the drama; a try that was refused is done again with what is there now."""
    while True:
        try:
            seen = (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=name), timeout=15)).drama
        except SfdError:
            await asyncio.sleep(0.2)
            continue
        number = history.begin()
        listed = json.loads(seen.metadata_json)["list"]
        change = drama_pb2.Drama(id=name, metadata_json=json.dumps({"list": [*listed, number]}))
        mask = FieldMask(paths=["metadata_json"])
        try:
            await dramas.UpdateDrama(
                rpc.UpdateDramaRequest(drama=change, update_mask=mask, if_etag=seen.etag), timeout=15
            )
        except Conflict:
            history.note(number, FAIL)
            await asyncio.sleep(0.02)
        except SfdError:
            # Nobody knows; the writer leaves it at that.
            return
        else:
            history.note(number, OK)
            return


async def test_an_update_is_lost_when_storage_dies(tmp_path: Path) -> None:
    tally, history = Tally("test_an_update_is_lost_when_storage_dies"), History()
    async with crowd(tmp_path, workers=0) as on:
        dramas = DramaServiceStub(on.house.channel(account=str(uuid.uuid4())))
        name = f"drama_{uuid.uuid4().hex[:12]}"
        fresh = drama_pb2.Drama(id=name, title="Night Ferry", premise="A ferry.", metadata_json='{"list":[]}')
        before = (await dramas.PutDrama(rpc.PutDramaRequest(drama=fresh))).drama

        async def write() -> None:
            for _ in range(APPENDS):
                await append(dramas, name, history)

        async def kill() -> None:
            for _ in range(KILLS):
                await asyncio.sleep(tally.random.uniform(0.3, 1.0))
                await on.strike("storage", "kill", 0.0)
                tally.count(kills=1)

        await asyncio.gather(kill(), *(write() for _ in range(WRITERS)))
        after = (await dramas.GetDrama(rpc.GetDramaRequest(drama_id=name))).drama
    listed = json.loads(after.metadata_json)["list"]
    lost, ghosts = history.all(OK) - set(listed), history.all(FAIL) & set(listed)
    kept_unknown = history.all(UNKNOWN) & set(listed)
    tally.count(
        updates=len(history.outcomes),
        ok=len(history.all(OK)),
        refused=len(history.all(FAIL)),
        unknown=len(history.all(UNKNOWN)),
        lost=len(lost),
        duplicates=len(listed) - len(set(listed)),
        ghosts=len(ghosts),
    )
    tally.tell()
    assert not lost
    assert not ghosts
    assert len(listed) == len(set(listed))
    assert after.revision - before.revision == len(history.all(OK)) + len(kept_unknown)
