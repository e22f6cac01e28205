"""The catalogue: living names, retired names, unknown names, and money in whole nano-USD."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.errors import InvalidInput
from kit.providers.catalogue import Kind, load, price, resolve, typical_seconds


@pytest.mark.parametrize(
    ("kind", "vendor", "expected"),
    [
        ("text", "local", "local"),
        ("text", "openai", "gpt-6-luna"),
        ("text", "gemini", "gemini-3.8-flash"),
        ("image", "openai", "gpt-image-2.5-flare"),
        ("image", "gemini", "gemini-nano-banana-2.1"),
        ("video", "openai", "sim-video-1"),
        ("video", "local", "local"),
    ],
)
def test_an_empty_name_is_the_vendors_default(kind: Kind, vendor: str, expected: str) -> None:
    found = resolve(kind, vendor)
    assert found.model.id == expected
    assert found.warning == ""


@pytest.mark.parametrize(
    ("kind", "vendor", "name", "expected"),
    [
        ("text", "openai", "gpt-5", "gpt-5.6-sol"),
        ("text", "openai", "gpt-5.1", "gpt-5.6-sol"),
        ("text", "gemini", "gemini-3-pro-preview", "gemini-3.8-flash"),
        ("image", "gemini", "gemini-2.5-flash-image", "gemini-nano-banana-2.1"),
        ("video", "openai", "sora-2", "sim-video-1"),
    ],
)
def test_a_retired_name_becomes_a_living_one_with_a_warning(kind: Kind, vendor: str, name: str, expected: str) -> None:
    found = resolve(kind, vendor, name)
    assert found.model.id == expected
    assert name in found.warning
    assert expected in found.warning


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match=r"gpt-6-luna, gpt-5\.6-sol") as caught:
        resolve("text", "openai", "gpt-99")
    assert caught.value.reason == "unknown_model"
    with pytest.raises(InvalidInput, match="local, gemini, openai"):
        resolve("text", "acme")


def test_every_successor_lives_and_every_vendor_has_one_default() -> None:
    house = load()
    for (kind, vendor, name), _ in house._retired.items():
        assert resolve(kind, vendor, name).warning
    for kind in ("text", "image", "video"):
        for vendor in house.vendors(kind):
            assert sum(m.default for m in house.models if (m.kind, m.vendor) == (kind, vendor)) == 1


def test_prices_are_whole_nano_usd() -> None:
    luna = resolve("text", "openai").model
    assert price(luna, input_tokens=1_000_000) == 1_250_000_000
    assert price(luna, input_tokens=3, output_tokens=2) == 3 * 1250 + 2 * 10000
    assert price(resolve("video", "openai").model, seconds=8) == 800_000_000
    assert price(resolve("video", "local").model, seconds=8) == 0
    with pytest.raises(KeyError):
        price(luna, seconds=1)


def test_a_model_is_found_without_its_vendor() -> None:
    house = load()
    assert house.find("text", "gpt-5.6-sol").model.vendor == "openai"
    assert house.find("text", "gemini").model.id == "gemini-3.8-flash"
    assert house.find("text", "gemini-3-pro-preview").warning
    with pytest.raises(InvalidInput):
        house.find("text", "nobody")


def test_an_operators_file_changes_fields_and_adds_rows(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(
        json.dumps(
            {
                "models": [
                    {
                        "kind": "text",
                        "vendor": "openai",
                        "id": "gpt-6-luna",
                        "prices": {"input_tokens": 1, "output_tokens": 2},
                    },
                    {"kind": "video", "vendor": "openai", "id": "sora-2", "prices": {"seconds": 5}, "seconds": [10]},
                ]
            }
        )
    )
    catalogue = load(str(own))
    assert catalogue.resolve("text", "openai").model.prices == {"input_tokens": 1, "output_tokens": 2}
    assert catalogue.resolve("text", "openai").model.key_slots == 8
    assert catalogue.resolve("video", "openai", "sora-2").model.seconds == (10,)


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"models":[{"id":"x"}]}', '{"models":[{"kind":"smell","vendor":"a","id":"x"}]}']
)
def test_a_bad_file_is_refused(tmp_path: Path, text: str) -> None:
    own = tmp_path / "own.json"
    own.write_text(text)
    with pytest.raises(InvalidInput):
        load(str(own))
    with pytest.raises(InvalidInput):
        load(str(tmp_path / "nowhere.json"))


def test_every_model_says_how_long_it_takes_and_where_that_is_known_from() -> None:
    for model in load().models:
        units = {"text": {"calls": 1, "output_tokens": 1000}, "image": {"images": 1}, "video": {"seconds": 10}}[
            model.kind
        ]
        assert typical_seconds(model, **units) > 0, model.name
        assert model.typical_source.startswith(("measured, docs/evidence/", "assumed, ")), model.name
    local = load().resolve("video", "local").model
    assert typical_seconds(local, seconds=10, clips=2) == pytest.approx(10 * 3.0 + 2 * 2.4)
    assert typical_seconds(local, images=3) == 0
