"""The job `video.generate`: one vendor after the other only after proof, the right one after a restart, frames, stills and bad bytes."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest

from kit.egress.client import Egress
from kit.egress.rules import Allowed
from kit.fetch import Fetcher, picture_rules
from kit.jobs.handler import GiveBack, JobContext, JobFailed, Later
from kit.jobs.order import NotTaken
from kit.providers.base import Accepted, Answer, Call, Finished, Idempotency, NotAccepted, OutcomeUnknown, Pending
from services.video import stills
from services.video.generations import Generations, first_place
from services.video.keyring import OPERATOR_KEY, Keys
from services.video.vendors import Filmers, Vendor
from sfd.jobs.v1 import job_pb2
from sfd.video.v1 import generation_pb2

MP4 = b"\0\0\0\x18ftypmp42" + b"\0" * 32
S = job_pb2.SubmissionState


class Maker:
    """A vendor that answers as it is told, and remembers what it was asked."""

    idempotency = Idempotency.NONE
    resend_unknown = False

    def __init__(self, vendor: str, answer: Accepted | Exception, *, pending: bool = False) -> None:
        self.vendor, self.answer, self.pending = vendor, answer, pending
        self.calls: list[Call] = []
        self.polled: list[str] = []
        self.closed = False

    async def submit(self, call: Call) -> Accepted | Answer:
        self.calls.append(call)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def poll(self, operation_id: str) -> Any:
        self.polled.append(operation_id)
        return Pending() if self.pending else Finished()

    async def fetch(self, operation_id: str) -> Answer:
        return Answer(MP4, "video/mp4", {"seconds": 5})

    async def lookup(self, call: Call, since: float) -> None:
        return None

    async def cancel(self, operation_id: str) -> None:
        return None

    async def close(self) -> None:
        self.closed = True


def generations(bench: Any, root: Path, *makers: Maker) -> Generations:
    def vendor(maker: Maker) -> Vendor:
        return Vendor(lambda: lambda key, base_url, seconds: maker)

    keys = Keys({maker.vendor: "secret" for maker in makers})
    filmers = Filmers({maker.vendor: vendor(maker) for maker in makers}, keys, 5)
    fetcher = Fetcher(httpx.AsyncClient(), Egress(picture_rules(Allowed())))
    return Generations(filmers, bench.cpu, fetcher, root)


def job(*vendors: str) -> generation_pb2.GenerationInput:
    request = {"seconds": 5, "size": "1280x720", "mode": "text", "audio": False}
    return generation_pb2.GenerationInput(
        generation_id="gen_0123456789ab",
        prompt="A pier",
        choices=[
            generation_pb2.GenerationChoice(
                vendor=vendor,
                model="m",
                key_id=OPERATOR_KEY,
                request_json=json.dumps(request),
                price_nano_usd=7,
            )
            for vendor in vendors
        ],
    )


@pytest.fixture(autouse=True)
def looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vendors' bytes here are no real film: looking at real ones is proved elsewhere."""

    def look(source: Path, folder: Path) -> stills.Seen:
        for name in ("a.jpg", "b.jpg"):
            (folder / name).write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 32)
        return stills.Seen(source, 1280, 720, 5.0, folder / "a.jpg", folder / "b.jpg")

    monkeypatch.setattr(stills, "look", look)


@pytest.mark.parametrize("refusal", [NotAccepted("no"), NotAccepted("busy", retryable=True, after=9.0)])
async def test_the_next_is_asked_after_a_proof(bench: Any, tmp_path: Path, refusal: NotAccepted) -> None:
    first, second = Maker("one", refusal), Maker("two", Accepted("op-2"))
    payload = job("one", "two")
    context = bench.context(bench.store, "video.generate", payload)
    done = await generations(bench, tmp_path, first, second).generate(context, payload)
    output = done.output
    assert isinstance(output, generation_pb2.GenerationOutput)
    assert (output.generator, output.choice, output.width, output.duration) == ("two/m", 1, 1280, 5.0)
    assert bench.store.bytes[output.stored_asset_id] == MP4
    assert [call.request["prompt"] for call in (*first.calls, *second.calls)] == ["A pier", "A pier"]
    assert first.calls[0].submission_id != second.calls[0].submission_id
    assert done.run_result["generator"] == "two/m"
    assert list(tmp_path.iterdir()) == []


async def test_nobody_else_is_asked_without_a_proof(bench: Any, tmp_path: Path) -> None:
    first, second = Maker("one", OutcomeUnknown("lost")), Maker("two", Accepted("op-2"))
    payload = job("one", "two")
    with pytest.raises(GiveBack):
        await generations(bench, tmp_path, first, second).generate(
            bench.context(bench.store, "video.generate", payload), payload
        )
    assert second.calls == []


async def test_the_last_ones_refusal_is_the_jobs(bench: Any, tmp_path: Path) -> None:
    payload = job("one", "two")
    makers = Maker("one", NotAccepted("no")), Maker("two", NotAccepted("no credits", reason="vendor_quota"))
    with pytest.raises(NotTaken) as failed:
        await generations(bench, tmp_path, *makers).generate(
            bench.context(bench.store, "video.generate", payload), payload
        )
    assert (failed.value.reason, failed.value.charged) == ("vendor_quota", False)


async def test_after_a_restart_the_one_that_has_it_is_followed(bench: Any, tmp_path: Path) -> None:
    first, second = Maker("one", Accepted("op-1")), Maker("two", Accepted("op-2"), pending=True)
    payload = job("one", "two")
    context: JobContext = bench.context(bench.store, "video.generate", payload)
    known = job_pb2.Submission(
        id=str(uuid.uuid4()),
        job_id=context.job.id,
        state=S.SUBMISSION_STATE_RUNNING,
        operation_id="op-2",
        purpose="film-1/0",
        number=2,
    )
    context.lease.submissions.append(known)
    with pytest.raises(GiveBack) as given:
        await generations(bench, tmp_path, first, second).generate(context, payload)
    assert isinstance(given.value.outcome, Later)
    assert (first.calls, second.calls, second.polled) == ([], [], ["op-2"])


@pytest.mark.parametrize(
    ("purpose", "state", "place"),
    [
        ("film-2/0", S.SUBMISSION_STATE_FAILED, 2),
        ("film-2/1", S.SUBMISSION_STATE_FAILED, 0),
        ("film-2/1", S.SUBMISSION_STATE_SUBMITTED, 2),
        ("picture/0", S.SUBMISSION_STATE_SUBMITTED, 0),
    ],
)
def test_what_an_attempt_goes_on_with(
    bench: Any, purpose: str, state: job_pb2.SubmissionState.ValueType, place: int
) -> None:
    context = bench.context(bench.store, "video.generate", job("one"))
    context.lease.submissions.append(job_pb2.Submission(purpose=purpose, state=state))
    assert first_place(context) == place


async def test_what_is_no_film_fails_and_was_paid(bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bad(source: Path, folder: Path) -> stills.Seen:
        raise stills.BadFilm("The file holds 0x0 pixels and 0.0 s: that is no film.")

    monkeypatch.setattr(stills, "look", bad)
    payload = job("one")
    with pytest.raises(JobFailed) as failed:
        await generations(bench, tmp_path, Maker("one", Accepted("op"))).generate(
            bench.context(bench.store, "video.generate", payload), payload
        )
    assert (failed.value.reason, failed.value.charged, failed.value.retryable) == ("bad_film", True, True)


async def test_an_idle_vendor_is_closed_when_there_are_too_many() -> None:
    makers = [Maker(f"v{number}", Accepted("op")) for number in range(70)]

    def vendor(maker: Maker) -> Vendor:
        return Vendor(lambda: lambda key, base_url, seconds: maker)

    filmers = Filmers({m.vendor: vendor(m) for m in makers}, Keys({m.vendor: "k" for m in makers}), 5)
    async with filmers.filmer("a", "v0", OPERATOR_KEY) as used:
        for maker in makers[1:]:
            async with filmers.filmer("a", maker.vendor, OPERATOR_KEY):
                pass
        assert used is makers[0]
        assert not makers[0].closed, "it is in use"
        assert sum(maker.closed for maker in makers) == 6
    await filmers.close()
    assert all(maker.closed for maker in makers)
    with pytest.raises(JobFailed):
        async with filmers.filmer("a", "nobody", OPERATOR_KEY):
            pass
