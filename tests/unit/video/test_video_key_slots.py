"""An operator's contract with a vendor goes before the catalogue's number of films at once."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.video.config import VideoSettings
from services.video.registry import catalogue_of

BASE = {"SFD_INTERNAL_SECRET": "x" * 40}


def slots(settings: VideoSettings, vendor: str) -> set[int]:
    return {m.key_slots for m in catalogue_of(settings).models if (m.kind, m.vendor) == ("video", vendor)}


def test_a_contract_changes_its_vendor_alone() -> None:
    before = VideoSettings.model_validate(BASE)
    after = VideoSettings.model_validate({**BASE, "SFD_VIDEO_KEY_SLOTS": {"openai": 500}})
    assert slots(after, "openai") == {500}
    assert slots(before, "openai") != {500}
    assert slots(after, "runway") == slots(before, "runway")
    old = catalogue_of(after).resolve("video", "openai", "sora-2")
    assert old.model.key_slots == 500, "names of old lead to the same"


@pytest.mark.parametrize("bad", [{"openai": 0}, {"openai": "many"}, [1], "x"])
def test_a_bad_number_stops_the_start(bad: object) -> None:
    with pytest.raises(ValidationError, match="SFD_VIDEO_KEY_SLOTS"):
        VideoSettings.model_validate({**BASE, "SFD_VIDEO_KEY_SLOTS": bad})
