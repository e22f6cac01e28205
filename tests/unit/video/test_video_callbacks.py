"""Who calls back, and where; and how a film that only a callback can tell of is found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kit import callbacks
from kit.providers.base import Accepted, NotSeen, VendorAway
from kit.providers.catalogue import house
from services.video.callbacks import NOWHERE, Callbacks
from services.video.config import VideoSettings
from services.video.keyring import OPERATOR_KEY
from services.video.providers import fal, minimax
from services.video.registry import callbacks_of
from simulator.testing import RunningSimulator
from tests.unit.video.films import accepted, fitted

SECRET = "the secret of a house in tests, long"
BASE = "https://us.example"
ROWS = [model for model in house().models if model.kind == "video" and model.film is not None]
HOOK = "http://127.0.0.1:9/hook"


def settings(**more: str) -> VideoSettings:
    return VideoSettings.model_validate({"SFD_INTERNAL_SECRET": SECRET, "SFD_PUBLIC_URL": BASE, **more})


def test_a_url_is_given_to_models_that_call_back_and_to_no_other() -> None:
    on = callbacks_of(settings(SFD_VENDOR_CALLBACKS="true"))
    for row in ROWS:
        assert row.film is not None
        url = on.url(row.vendor, row.id, OPERATOR_KEY, "s-1")
        expected = callbacks.url(BASE, SECRET, row.vendor, "s-1", callbacks.OPERATOR) if row.film.callbacks else ""
        assert (url, on.pace(row.vendor, row.id, OPERATOR_KEY)) == (expected, 30.0 if expected else 0.0)
    assert {row.vendor for row in ROWS if row.film and row.film.callbacks} == {
        "fal",
        "kling",
        "luma",
        "minimax",
        "replicate",
        "seedance",
    }


def test_a_url_says_whose_key_the_call_is_made_with() -> None:
    on = Callbacks(house(), BASE, SECRET)
    users = on.url("luma", "ray-2", "018f-a-users-key", "s-1")
    assert users == callbacks.url(BASE, SECRET, "luma", "s-1", callbacks.USER)
    assert users != on.url("luma", "ray-2", OPERATOR_KEY, "s-1")


@pytest.mark.parametrize(
    "off",
    [
        callbacks_of(settings()),
        callbacks_of(settings(SFD_VENDOR_CALLBACKS="true", SFD_PUBLIC_URL="")),
        NOWHERE,
    ],
    ids=["not asked for", "no public URL", "nowhere"],
)
def test_without_a_public_url_nobody_calls_and_everybody_is_looked_at(off: Callbacks) -> None:
    for row in ROWS:
        assert off.url(row.vendor, row.id, OPERATOR_KEY, "s-1") == ""
        assert off.pace(row.vendor, row.id, OPERATOR_KEY) == 0.0


def test_openais_webhooks_are_the_operators_alone() -> None:
    pushed = callbacks_of(settings(OPENAI_WEBHOOK_SECRET="whsec_c2VjcmV0", SFD_CALLBACK_POLL_SECONDS="90"))
    assert pushed.url("openai", "sora-2", OPERATOR_KEY, "s-1") == ""
    assert pushed.pace("openai", "sora-2", OPERATOR_KEY) == 90.0
    assert pushed.pace("openai", "sora-2", "018f-a-users-key") == 0.0
    assert pushed.pace("luma", "ray-2", OPERATOR_KEY) == 0.0


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with RunningSimulator(tmp_path_factory.mktemp("sim"), video_seconds=0.1) as running:
        yield running


@pytest.fixture(params=["fal", "minimax"])
async def filmer(request: pytest.FixtureRequest, vendors: RunningSimulator) -> Any:
    vendors.reset()
    modules: dict[str, Any] = {"fal": fal, "minimax": minimax}
    made = modules[request.param].open_filmer({"api_key": "key:of-the-tests"}, f"{vendors.url}/{request.param}", 30)
    yield made
    await made.close()


async def test_what_a_callback_told_is_proved_at_the_vendor_with_the_key(
    filmer: Any, vendors: RunningSimulator
) -> None:
    call = fitted(filmer.vendor)[0]
    operation = await accepted(filmer, call)
    told = vendors.ledger()[0]["operation"]
    heard = replace(call, callback=HOOK, told=str(told))
    assert await filmer.lookup(heard, 0) == Accepted(operation)
    with pytest.raises(NotSeen):
        await filmer.lookup(replace(heard, told="9999"), 0)
    assert await filmer.lookup(replace(heard, callback="", told="../x?y"), 0) is None
    stranger = type(filmer)(base_url=f"{vendors.url}/{filmer.vendor}", api_key="another:key", seconds=5.0)
    with pytest.raises(NotSeen):
        await stranger.lookup(heard, 0)
    await stranger.close()
    assert len(vendors.ledger()) == 1


async def test_a_vendor_that_is_away_proves_nothing(filmer: Any, vendors: RunningSimulator) -> None:
    call = fitted(filmer.vendor)[0]
    await accepted(filmer, call)
    told = str(vendors.ledger()[0]["operation"])
    vendors.fault("status", status=503, match={"op": "read", "vendor": filmer.vendor})
    with pytest.raises(VendorAway):
        await filmer.lookup(replace(call, callback=HOOK, told=told), 0)
