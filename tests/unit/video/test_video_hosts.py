"""Hosts that an operator describes as data among the film vendors: offered with a key, refused at the start when unusable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.providers import catalogue
from services.video.config import VideoSettings
from services.video.providers.task_host import TaskHostFilmer
from services.video.registry import film_hosts, film_vendors, operator_keys

SAMPLES = Path(__file__).resolve().parents[3] / "examples" / "task_hosts"
ROW = {"kind": "video", "id": "film-1", "seconds": [5], "prices": {"seconds": 1}, "default": True}


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of hosts, and a catalogue with a row for `gateway` and `xai`."""
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps({"models": [{**ROW, "vendor": name} for name in ("gateway", "xai")]}))
    monkeypatch.setenv("SFD_CATALOGUE", str(file))
    catalogue.house.cache_clear()
    folder = tmp_path / "hosts"
    folder.mkdir()
    yield folder
    catalogue.house.cache_clear()


def settings(where: Path, **more: Any) -> VideoSettings:
    told = {"SFD_INTERNAL_SECRET": "s" * 40, "SFD_FILM_HOSTS": str(where), **more}
    return VideoSettings.model_validate(told)


def put(folder: Path, sample: str, **changed: Any) -> Path:
    file = folder / f"{changed.get('name', sample)}.json"
    file.write_text(json.dumps(json.loads((SAMPLES / f"{sample}.json").read_text()) | changed))
    return file


async def test_hosts_of_a_folder_are_vendors_with_the_operators_keys(offered: Path) -> None:
    put(offered, "gateway")
    put(offered, "xai")
    made = settings(offered, SFD_PROVIDER_KEYS='{"gateway": "k-1", "nobody": "k-2"}')
    vendors = film_vendors(made)
    assert {"gateway", "xai", "openai"} <= vendors.keys()
    assert operator_keys(made)["gateway"] == "k-1"
    assert not {"xai", "nobody"} & operator_keys(made).keys()
    filmer = vendors["gateway"].load()({"api_key": "k-1"}, vendors["gateway"].base_url, 5.0)
    assert isinstance(filmer, TaskHostFilmer)
    assert filmer.vendor == "gateway"
    await filmer.close()


def test_one_file_is_one_host_and_no_setting_is_none(offered: Path) -> None:
    assert list(film_hosts(settings(put(offered, "gateway")))) == ["gateway"]
    assert film_hosts(VideoSettings.model_validate({"SFD_INTERNAL_SECRET": "s" * 40})) == {}


@pytest.mark.parametrize(
    ("sample", "changed", "said"),
    [
        ("gateway", {"name": "openai"}, "another vendor 'openai'"),
        ("gateway", {"name": "auto"}, "another vendor 'auto'"),
        ("gateway", {"name": "local"}, "another vendor 'local'"),
        ("vidu", {}, "no video model of 'vidu'"),
        ("gateway", {"auth": {}}, "gateway.json"),
    ],
)
def test_a_host_that_cannot_be_used_stops_the_start(
    offered: Path, sample: str, changed: dict[str, Any], said: str
) -> None:
    put(offered, sample, **changed)
    with pytest.raises(RuntimeError, match="SFD_FILM_HOSTS") as caught:
        film_vendors(settings(offered))
    assert said in str(caught.value)


def test_a_name_twice_and_a_file_that_is_not_there(offered: Path) -> None:
    put(offered, "gateway")
    (offered / "more.json").write_text((offered / "gateway.json").read_text())
    with pytest.raises(RuntimeError, match="another vendor 'gateway'"):
        film_vendors(settings(offered))
    with pytest.raises(RuntimeError, match="SFD_FILM_HOSTS"):
        film_vendors(settings(offered / "nothing.json"))
