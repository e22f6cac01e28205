"""The vendors' writers with the real SDKs against the simulator: what is bought, once, and what each bad answer means."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from kit.jobs.handler import GiveBack, Later
from kit.jobs.handler import JobFailed as Failed
from kit.providers.base import Adapter, Answer, Call, NotAccepted, OutcomeUnknown
from kit.providers.catalogue import resolve
from services.story import prompts
from services.story.authors import PaidAuthor
from services.story.models import WARNING, check_drama, check_scenes
from services.story.parse import model_of
from services.story.providers.gemini import GeminiWriter
from services.story.providers.openai import Api, OpenAIWriter
from sfd.story.v1 import story_pb2
from simulator.testing import RunningSimulator

FACES = ("openai", "chat", "gemini")
PREMISE = "A night ferry pilot, Mina, finds a child who remembers her death. 2 episodes."


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim")) as running:
        yield running


@pytest.fixture
def sim(vendors: RunningSimulator) -> RunningSimulator:
    vendors.reset()
    return vendors


@pytest.fixture(autouse=True)
async def opened() -> AsyncIterator[list[OpenAIWriter | GeminiWriter]]:
    """Every writer that a test opens, closed at its end."""
    OPENED.clear()
    yield OPENED
    for one in OPENED:
        await one.close()


OPENED: list[OpenAIWriter | GeminiWriter] = []


def writer(face: str, base: RunningSimulator) -> OpenAIWriter | GeminiWriter:
    made: OpenAIWriter | GeminiWriter
    if face == "gemini":
        made = GeminiWriter("test-gemini-key", base.gemini_base, seconds=1.5)
    else:
        api: Api = "chat" if face == "chat" else "responses"
        made = OpenAIWriter("sk-test-writers", base.openai_base, api=api, seconds=1.5)
    OPENED.append(made)
    return made


def author(face: str, base: RunningSimulator) -> PaidAuthor:
    made: Adapter = writer(face, base)
    return PaidAuthor(made, resolve("text", made.vendor).model)


def call(face: str) -> Call:
    vendor = "gemini" if face == "gemini" else "openai"
    request = prompts.draft(PREMISE, story_pb2.Options()).request()
    return Call("0199-submission", resolve("text", vendor).model.id, request)


def submissions(store: Any) -> list[Any]:
    return list(store.job_fake.submissions.values())


@pytest.mark.parametrize("face", FACES)
async def test_a_drama_and_its_scenes_are_bought(face: str, sim: RunningSimulator, store: Any) -> None:
    context = store.context("story.generate", story_pb2.GenerateInput(premise=PREMISE))
    mine = author(face, sim)
    drama = await mine.drama(context, PREMISE, story_pb2.Options())
    assert [p for p in check_drama(drama) if not p.startswith(WARNING)] == []
    assert len(drama.episodes) == 2
    assert all(not episode.scenes for episode in drama.episodes)
    episode = drama.episodes[0].id
    scenes = await mine.scenes(context, drama, PREMISE, episode, story_pb2.Options())
    assert [p for p in check_scenes(scenes, {c.id for c in drama.characters}) if not p.startswith(WARNING)] == []
    assert scenes[0].id == f"scene_{episode}_01"
    feedback = await mine.critique(context, drama, PREMISE)
    assert len(feedback) > 40
    ledger = sim.ledger()
    assert len(ledger) == len(submissions(store))
    assert all(s.cost_nano_usd > 0 and not s.estimated for s in submissions(store))
    assert sum(s.cost_nano_usd for s in submissions(store)) == sum(int(str(e["price_nano_usd"])) for e in ledger)


@pytest.mark.parametrize("face", FACES)
async def test_the_same_lease_buys_once(face: str, sim: RunningSimulator, store: Any) -> None:
    payload = story_pb2.GenerateInput(premise=PREMISE)
    first = await author(face, sim).drama(store.context("story.generate", payload), PREMISE, story_pb2.Options())
    bought = len(sim.ledger())
    again = await author(face, sim).drama(store.context("story.generate", payload), PREMISE, story_pb2.Options())
    assert again == first
    assert len(sim.ledger()) == bought


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("fault", "fields", "reason", "retryable"),
    [
        ("refusal", {}, "model_refused", False),
        ("malformed", {"variant": "not_json"}, "answer_unparsable", True),
        ("malformed", {"variant": "bad_schema"}, "answer_unparsable", True),
        ("malformed", {"variant": "truncated"}, "answer_cut_off", False),
    ],
)
async def test_a_bad_answer_is_paid_and_named(
    face: str, fault: str, fields: dict[str, Any], reason: str, retryable: bool, sim: RunningSimulator, store: Any
) -> None:
    sim.fault(fault, **fields)
    context = store.context("story.generate", story_pb2.GenerateInput(premise=PREMISE))
    with pytest.raises(Failed) as failed:
        await author(face, sim).drama(context, PREMISE, story_pb2.Options())
    assert (failed.value.reason, failed.value.retryable, failed.value.charged) == (reason, retryable, True)
    assert len(sim.ledger()) == 1


@pytest.mark.parametrize("face", FACES)
async def test_what_each_failure_proves(face: str, sim: RunningSimulator) -> None:
    mine = writer(face, sim)

    async def outcome(fault: str, **fields: Any) -> NotAccepted | OutcomeUnknown:
        sim.reset()
        sim.fault(fault, **fields)
        try:
            await mine.submit(call(face))
        except (NotAccepted, OutcomeUnknown) as error:
            return error
        raise AssertionError(f"{fault} was not noticed")

    busy = await outcome("status", status=429, retry_after=7)
    assert isinstance(busy, NotAccepted)
    assert (busy.retryable, busy.after) == (True, 7.0)
    unset = await outcome("status", status=429)
    assert isinstance(unset, NotAccepted)
    assert unset.after is not None
    bad = await outcome("status", status=400)
    assert isinstance(bad, NotAccepted)
    assert not bad.retryable
    key = await outcome("status", status=401)
    assert isinstance(key, NotAccepted)
    assert key.reason == "vendor_key_refused"
    overload = await outcome("status", status=503)
    assert isinstance(overload, NotAccepted)
    assert overload.retryable
    for unknown in (
        await outcome("status", status=500),
        await outcome("status", status=504, when="after"),
        await outcome("cut_after"),
        await outcome("slow", seconds=3, when="after"),
    ):
        assert isinstance(unknown, OutcomeUnknown)
        assert unknown.charged


@pytest.mark.parametrize("face", FACES)
async def test_a_refused_connection_sends_nothing(face: str) -> None:
    class Nowhere:
        openai_base = "http://127.0.0.1:9/openai/v1"
        gemini_base = "http://127.0.0.1:9/gemini"

    nowhere: Any = Nowhere()
    mine = writer(face, nowhere)
    begun = time.monotonic()
    with pytest.raises(NotAccepted) as refused:
        await mine.submit(call(face))
    assert refused.value.retryable
    assert time.monotonic() - begun < 1.5


async def test_a_lost_answer_is_sent_again_and_booked_as_a_second_call(sim: RunningSimulator, store: Any) -> None:
    sim.fault("cut_after", match={"nth": [1]})
    context = store.context("story.critique", story_pb2.CritiqueInput())
    mine = author("openai", sim)
    answer = await mine._ask(context, "write", prompts.draft(PREMISE, story_pb2.Options()))
    assert json.loads(answer.body)["status"] == "ok"
    assert [s.purpose for s in submissions(store)] == ["write/0", "write/0"]
    assert len({s.id for s in submissions(store)}) == 2
    assert all(s.cost_nano_usd for s in submissions(store))


async def test_a_throttled_call_waits_without_failing(sim: RunningSimulator, store: Any) -> None:
    sim.fault("status", status=429, retry_after=4)
    context = store.context("story.generate", story_pb2.GenerateInput(premise=PREMISE))
    with pytest.raises(GiveBack) as back:
        await author("gemini", sim).drama(context, PREMISE, story_pb2.Options())
    assert isinstance(back.value.outcome, Later)
    assert back.value.outcome.delay == 4.0


def scripted(vendor: Any) -> PaidAuthor:
    return PaidAuthor(vendor, resolve("text", "openai").model)


class Scripted:
    """A vendor that answers what it is told."""

    vendor = "openai"
    idempotency = OpenAIWriter.idempotency
    resend_unknown = True

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.calls: list[Call] = []

    async def submit(self, call: Call) -> Answer:
        self.calls.append(call)
        body = json.dumps({"status": "ok", "text": self.texts.pop(0), "why": ""})
        return Answer(body.encode(), "application/json", {}, 1)


FULL = "Warm husky tone; low pitch; slow pace; slight Irish accent; emotional quality of held-back grief; a dry speaking style."


def drafted(voice: str) -> str:
    people = [
        {
            "id": f"char_{n}",
            "name": f"N{n}",
            "description": "Tall.",
            "gender": "female",
            "voice_description": voice if n == 1 else FULL,
            "main": n == 1,
            "premise_url": "http://169.254.169.254/",
        }
        for n in range(1, 5)
    ]
    episodes = [{"id": "ep01", "title": "One", "description": "They meet.", "scenes": []}]
    return json.dumps({"title": "T", "description": "D", "characters": people, "episodes": episodes})


async def test_incomplete_voices_are_asked_for_once_more(store: Any) -> None:
    vendor = Scripted(
        drafted("A nice voice."), json.dumps({"voices": [{"character_id": "char_1", "voice_description": FULL}]})
    )
    mine = scripted(vendor)
    context = store.context("story.generate", story_pb2.GenerateInput(premise=PREMISE))
    drama = await mine.drama(context, PREMISE, story_pb2.Options())
    assert drama.characters[0].voice_description == FULL
    assert all(character.premise_url is None for character in drama.characters)
    assert [s.purpose for s in submissions(store)] == ["write/0", "voices/0"]
    asked = str(vendor.calls[1].request["input"])
    assert "char_1" in asked
    assert "char_2" not in asked


async def test_voices_that_stay_incomplete_fail_clearly(store: Any) -> None:
    vendor = Scripted(
        drafted("A nice voice."), json.dumps({"voices": [{"character_id": "char_1", "voice_description": "Nicer."}]})
    )
    mine = scripted(vendor)
    context = store.context("story.generate", story_pb2.GenerateInput(premise=PREMISE))
    with pytest.raises(Failed, match=r"char_1 lacks .*pitch") as failed:
        await mine.drama(context, PREMISE, story_pb2.Options())
    assert failed.value.reason == "voice_incomplete"
    assert len(vendor.calls) == 2


def test_a_fenced_answer_is_read() -> None:
    from services.story.models import DramaLite

    body = json.dumps({"status": "ok", "text": f"```json\n{drafted(FULL)}\n```"}).encode()
    assert model_of(Answer(body, "application/json"), DramaLite).title == "T"
