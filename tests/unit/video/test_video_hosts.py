"""What an operator may write down of a host, what is told when it is not sound, and what templates and pointers do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kit.errors import InvalidInput
from kit.providers.base import Call, NotAccepted
from services.video.providers.hosts import load_host
from services.video.providers.templates import body_of, fields_of, merged, number_at, pointed, render, text_at

SAMPLE = Path(__file__).resolve().parents[3] / "examples" / "task_hosts" / "gateway.json"


def changed(path: str, value: Any) -> str:
    """The sample with one field changed; None takes it away."""
    document = json.loads(SAMPLE.read_text())
    *way, last = path.split(".")
    inner = document
    for part in way:
        inner = inner[part]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(document)


@pytest.mark.parametrize(
    ("path", "value", "field", "said"),
    [
        ("name", "My Host", "name", "pattern"),
        ("base_url", "ftp://x", "base_url", "pattern"),
        ("base_url", "https://key@host", "base_url", "pattern"),
        ("auth", {"Authorization": "Bearer abc"}, "host", "{key}"),
        ("create.path", None, "create", "path or paths"),
        ("create.path", "v1/videos", "create.path", "no path"),
        ("create.id", [], "create.id", "at least 1"),
        ("create.id", ["task_id"], "create.id.0", "JSON pointer"),
        ("create.body", {"prompt": "{promt}"}, "create.body", "promt"),
        ("create.body", {"images": [{"$each": "pictures", "$item": "{item}"}]}, "create.body", "pictures"),
        ("create.body", None, "create.body", "required"),
        ("read.path", "/v1/video/generations", "read.path", "{id}"),
        ("read.words", {"failed": ["failed"]}, "read", "succeeds"),
        ("read.words", {"succeeded": ["ok"], "failed": ["no", "OK"]}, "read", "one state only: ok"),
        ("read.words", {"succeeded": ["ok"], "failed": ["no"], "lost": ["x"]}, "read.words.lost.[key]", "queued"),
        ("read.progress_of", 0, "read.progress_of", "greater than 0"),
        ("read.cost", {"at": "/cost", "nano_usd": -1}, "read.cost.nano_usd", "greater than 0"),
        ("cancel", {"path": "/stop"}, "cancel.path", "{id}"),
        ("cancel", {"path": "/stop/{id}", "method": "PATCH"}, "cancel.method", "POST"),
        ("list.seconds", 99999, "list.seconds", "3600"),
        ("files", "ftp", "files", "data_uri"),
        ("retries", 3, "retries", "not permitted"),
    ],
)
def test_a_host_that_is_not_sound_is_told_by_field(path: str, value: Any, field: str, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        load_host(changed(path, value))
    assert raised.value.field == field
    assert said in raised.value.message
    assert raised.value.reason == "bad_host"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"'])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        load_host(text)


def test_words_are_read_whatever_their_case_and_unknown_ones_mean_that_it_goes_on() -> None:
    host = load_host(SAMPLE.read_text())
    assert [host.state(word) for word in ("Completed", "FAILED", "queued", "canceled")] == [
        "succeeded",
        "failed",
        "queued",
        "cancelled",
    ]
    assert [host.state(word) for word in ("", "polishing")] == ["running"] * 2


def call(**more: Any) -> Call:
    request = {"prompt": "A {seconds} pier", "seconds": 6, "size": "1080x1920", "mode": "text", "audio": False, **more}
    return Call("s-1", "m", request, {"image": b"\x89PNG\r\n\x1a\n"}, {"last_frame": "https://x.example.com/l.png"})


def test_fields_are_derived_from_the_fitted_size() -> None:
    fields = fields_of(call(), "wire", "data_uri")
    assert fields["ratio"] == "9:16"
    assert (fields["resolution"], fields["resolution_upper"], fields["size_star"]) == ("1080p", "1080P", "1080*1920")
    assert fields_of(call(size="3840x2160"), "wire", "base64")["resolution"] == "4k"
    assert "ratio" not in fields_of(call(size=""), "wire", "base64")
    assert fields["image"] == "data:image/png;base64,iVBORw0KGgo="
    assert fields_of(call(), "wire", "base64")["image"] == "iVBORw0KGgo="
    # What is there as a URL only is given as one, whatever form the vendor likes better.
    assert fields["last_frame"] == "https://x.example.com/l.png"
    with pytest.raises(NotAccepted) as raised:
        fields_of(call(), "wire", "url")
    assert raised.value.reason == "no_url"


def test_a_first_frame_beside_references_is_one_of_them() -> None:
    files = {f"reference_{n}": bytes([n]) for n in (10, 2)} | {"image": b"\x00"}
    fields = fields_of(Call("s", "m", {"mode": "references"}, files), "m", "base64")
    assert fields["references"] == ["AA==", "Ag==", "Cg=="]
    assert "image" not in fields


def test_templates_keep_types_and_leave_out_what_has_no_value() -> None:
    values = {"prompt": "A {seconds} pier", "seconds": 6, "audio": False, "references": ["a", "b"]}
    template = {
        "prompt": "{prompt}",
        "text": "{prompt} --dur {seconds}",
        "duration": "{seconds}",
        "label": "{seconds}s",
        "audio": "{audio}",
        "seed": "{seed}",
        "dims": "{width}x{height}",
        "image": {"url": "{image}"},
        "images": ["{image}", {"$each": "references", "$item": {"url": "{item}"}}],
        "none": ["{image}"],
        "empty": {},
        "fixed": [1, True, None],
    }
    assert render(template, values) == {
        # A prompt's own braces are words, not places.
        "prompt": "A {seconds} pier",
        "text": "A {seconds} pier --dur 6",
        "duration": 6,
        "label": "6s",
        "audio": False,
        "images": [{"url": "a"}, {"url": "b"}],
        "empty": {},
        "fixed": [1, True, None],
    }
    assert render({"a": "{x}"}, {}) == {}


def test_templates_are_merged_inside_objects_and_null_takes_away() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None, "e": 4}, "d": {"f": 5}}) == {
        "a": {"c": 2, "e": 4},
        "d": {"f": 5},
    }


def test_a_picture_without_a_place_is_not_dropped() -> None:
    with pytest.raises(NotAccepted, match="image"):
        body_of({"prompt": "{prompt}"}, {}, {"prompt": "x", "image": "data:"})
    assert body_of({"prompt": "{prompt}"}, {"image_url": "{image}"}, {"prompt": "x", "image": "d"}) == {
        "prompt": "x",
        "image_url": "d",
    }


def test_pointers_lead_to_the_first_value() -> None:
    document = {"a": [{"b/c": {"~": 5}}, "x"], "n": None, "e": "", "p": "47%", "t": True, "0": "zero"}
    assert pointed(document, ("/n", "/e", "/a/0/b~1c/~0")) == 5
    assert pointed(document, ("/a/7", "/a/-1", "/a/x", "/q/r", "/p/q")) is None
    assert (text_at(document, ("/a/1",)), text_at(document, ("/a",)), text_at(document, ("/t",))) == ("x", "", "")
    assert (number_at(document, ("/p",)), number_at(document, ("/a/1",)), number_at([], ("/0",))) == (47.0, None, None)
