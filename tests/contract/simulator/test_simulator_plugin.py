"""The provider of docs/adding-a-provider.md, taken from the page and run against a simulated vendor; and what others may do wrong."""

from __future__ import annotations

import asyncio
import importlib.util
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from kit.providers.base import (
    Accepted,
    Call,
    Finished,
    KeyRefused,
    NotAccepted,
    OutcomeUnknown,
    Pending,
    Refused,
    VendorAway,
)
from kit.providers.catalogue import Catalogue
from kit.providers.fitting import FilmWish, fit
from kit.providers.plugin import PluginFilmer, VideoRequest, VideoResponse, discovered, rows_of
from simulator.testing import RunningSimulator

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-provider.md"
VENDOR = "none_blind"


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.2) as running:
        yield running


@pytest.fixture(scope="module")
def acme(vendors: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class of the page, as a module of its own, with the simulated vendor's address."""
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path_factory.mktemp("package") / "acme_films.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("acme_films", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Acme.base_url = vendors.kinds_base(VENDOR)
    return module.Acme


async def test_the_pages_example_makes_a_film(vendors: RunningSimulator, acme: Any) -> None:
    vendors.reset()
    provider = acme("key-of-the-tests")
    (row,) = rows_of("acme", provider)
    assert (row.name, row.default, row.prices) == ("acme/acme-film-1", True, {"seconds": 37_000_000})
    assert Catalogue([row], []).resolve("video", "acme", "").model is row
    film = fit(row, FilmWish("A pier", seconds=30, ratio="9:16"))
    assert (film.seconds, film.size) == (10, "1080x1920")
    filmer = PluginFilmer("acme", provider, 30)
    await filmer.check_key()
    taken = await filmer.submit(Call("s-1", row.id, film.request()))
    assert isinstance(taken, Accepted)
    async with asyncio.timeout(30):
        while isinstance(status := await filmer.poll(taken.operation_id), Pending):
            await asyncio.sleep(0.05)
    assert isinstance(status, Finished)
    assert (await filmer.fetch(taken.operation_id)).content_type == "video/mp4"
    assert len(vendors.ledger()) == 1
    with pytest.raises(NotAccepted):
        await filmer.submit(Call("s-2", row.id, {**film.request(), "seconds": 99}))
    vendors.fault("cut_after")
    with pytest.raises(OutcomeUnknown):
        await filmer.submit(Call("s-3", row.id, film.request()))
    assert len(vendors.ledger()) == 2, "what broke was sent once"
    await filmer.cancel(taken.operation_id)
    await filmer.close()
    other = PluginFilmer("acme", acme("a-bad-key"), 30)
    with pytest.raises(KeyRefused):
        await other.check_key()
    await other.close()


class Odd:
    """A provider of plain functions that answers as it is told."""

    name = "odd"
    models: Sequence[str] = ("one",)

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def _said(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def validate_key(self) -> Any:
        return self._said()

    def generate_video(self, request: VideoRequest) -> Any:
        return self._said()

    def check_status(self, job_id: str) -> Any:
        return self._said()

    def get_supported_features(self) -> dict[str, Any]:
        return {}


CALL = Call("s", "one", {"prompt": "A pier", "seconds": 5, "size": "1920x1080"})


@pytest.mark.parametrize(
    ("answer", "raised"),
    [
        (RuntimeError("the key is sk-secret"), OutcomeUnknown),
        (None, OutcomeUnknown),
        (VideoResponse("", "queued"), OutcomeUnknown),
        (VideoResponse("", "failed", error="no"), NotAccepted),
        (VideoResponse("", "failed", error="what is sk-secret?"), NotAccepted),
        (NotAccepted("no"), NotAccepted),
        (NotAccepted("what is sk-secret?"), NotAccepted),
    ],
)
async def test_only_a_proof_is_a_proof(answer: Any, raised: type[Exception]) -> None:
    with pytest.raises(raised) as refused:
        await PluginFilmer("odd", Odd(answer), 5, api_key="sk-secret").submit(CALL)
    assert "sk-secret" not in str(refused.value)


async def test_words_of_states_and_bad_answers() -> None:
    async def polled(answer: Any) -> Any:
        return await PluginFilmer("odd", Odd(answer), 5, api_key="sk-secret").poll("j")

    assert await polled(VideoResponse("j", "SUCCEEDED")) == Finished()
    assert isinstance(await polled(VideoResponse("j", "canceled")), Refused)
    ended = await polled(VideoResponse("j", "failed", error="sk-secret is no key"))
    assert ended == Refused("vendor_failed", "*** is no key")
    assert await polled(VideoResponse("j", "warming_up", metadata={"progress": 0.25})) == Pending(0.25)
    for bad in (RuntimeError("sk-secret"), {"status": "completed"}):
        with pytest.raises(VendorAway) as away:
            await polled(bad)
        assert "sk-secret" not in str(away.value)


def test_nothing_is_installed_here() -> None:
    assert discovered() == {}
