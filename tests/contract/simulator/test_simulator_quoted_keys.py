"""Vendors that quote the key in their errors: no adapter's error, which goes into the record and to the user, has the key in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from kit.errors import SfdError
from kit.providers.base import Accepted, Adapter, Call, KeyCheck, Pending, Refused
from kit.providers.catalogue import resolve
from kit.providers.fitting import FilmWish, fit
from services.imaging.providers.gemini import GeminiPainter
from services.imaging.providers.openai import OpenAIPainter
from services.story.providers.gemini import GeminiWriter
from services.story.providers.openai import OpenAIWriter
from services.video.config import VideoSettings
from services.video.registry import film_vendors
from simulator.environment import environment
from simulator.testing import RunningSimulator

KEY = "quoted/key+of-the-tests"
QUOTES = "Incorrect key {key}, said the vendor."
FILMERS = ("openai", "gemini", "runway", "luma", "fal", "replicate", "kling", "minimax", "seedance")
OTHERS = ("openai text", "gemini text", "openai image", "gemini image")
STATUSES = (400, 401, 402, 403, 404, 409, 422, 429, 500, 503)


def opened(name: str, sim: RunningSimulator) -> tuple[Any, Call]:
    """An adapter with the key, and a call that its vendor takes."""
    vendor, _, kind = name.partition(" ")
    if not kind:
        settings = VideoSettings.model_validate({"SFD_INTERNAL_SECRET": "s" * 40, **environment(sim.url)})
        about = film_vendors(settings)[vendor]
        model = resolve("video", vendor).model
        call = Call("sub-1", model.id, fit(model, FilmWish("A pier at night", seconds=5)).request())
        return about.load()({"api_key": KEY}, about.base_url, 20.0), call
    if kind == "text":
        wish = {"instructions": "You write.", "input": "A pier.", "max_output_tokens": 500}
        call = Call("sub-1", resolve("text", vendor).model.id, wish)
        if vendor == "openai":
            return OpenAIWriter(KEY, sim.openai_base), call
        return GeminiWriter(KEY, sim.gemini_base), call
    call = Call("sub-1", resolve("image", vendor).model.id, {"prompt": "A pier"})
    if vendor == "openai":
        return OpenAIPainter(base_url=sim.openai_base, api_key=KEY, seconds=20), call
    return GeminiPainter(base_url=sim.gemini_base, api_key=KEY, seconds=20), call


@pytest.fixture
async def asked(request: pytest.FixtureRequest, sim: RunningSimulator) -> AsyncIterator[tuple[Adapter, Call]]:
    adapter, call = opened(request.param, sim)
    yield adapter, call
    await adapter.close()


def test_every_vendor_of_films_is_asked() -> None:
    settings = VideoSettings.model_validate({"SFD_INTERNAL_SECRET": "s" * 40, "SFD_FILM_HOSTS": ""})
    assert film_vendors(settings).keys() == set(FILMERS)


def clean(text: str) -> str:
    """The text, which has nothing of the key in it."""
    assert "quoted" not in text
    return text


@pytest.mark.parametrize("asked", [*FILMERS, *OTHERS], indirect=True)
async def test_a_refusal_that_quotes_the_key_is_told_without_it(
    asked: tuple[Adapter, Call], sim: RunningSimulator
) -> None:
    adapter, call = asked
    told = []
    for status in STATUSES:
        sim.fault("status", status=status, message=QUOTES)
        with pytest.raises(SfdError) as caught:
            await adapter.submit(call)
        told.append(clean(f"{caught.value} {caught.value.message}"))
    assert any("said the vendor" in text for text in told), "the vendor's words are told all the same"
    assert sim.ledger() == []


@pytest.mark.parametrize("asked", FILMERS, indirect=True)
async def test_a_film_whose_failure_quotes_the_key_is_told_without_it(
    asked: tuple[Adapter, Call], sim: RunningSimulator
) -> None:
    adapter, call = asked
    sim.fault("fail_job", message=QUOTES)
    taken = await adapter.submit(call)
    assert isinstance(taken, Accepted)
    async with asyncio.timeout(30):
        while isinstance(status := await adapter.poll(taken.operation_id), Pending):
            await asyncio.sleep(0.05)
    assert isinstance(status, Refused)
    clean(status.message)
    for status_code in STATUSES:
        sim.fault("status", match={"op": "any", "times": 4}, status=status_code, message=QUOTES)
        for ask in (adapter.poll, adapter.fetch):
            try:
                clean(repr(await ask(taken.operation_id)))
            except SfdError as error:
                clean(error.message)
        try:
            await cast("KeyCheck", adapter).check_key()
        except SfdError as error:
            clean(error.message)
        sim.clear_faults()
