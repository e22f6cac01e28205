"""Bytes told from bytes, JSON that can be written again, hashes that agree, logs without secrets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.blobs import is_json, sniff
from kit.errors import InvalidInput
from kit.fingerprint import fingerprint
from kit.jsonio import canonical, dumps, load_object
from kit.log import redact

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF....WEBP", "image/webp"),
        (b"RIFF....WAVE", "audio/wav"),
        (b"RIFF....AVI ", None),
        (b"....ftypisom", "video/mp4"),
        (b"....ftypqt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"OggS", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b'{"a":1}', "application/json"),
        (b" [1]", "application/json"),
        ("Grü".encode()[:-1], "text/plain"),
        (b"<svg onload=alert(1)>", None),
        (b"  <!doctype html>", None),
        (b"\xef\xbb\xbf<html>", None),
        (b"a\x00b", None),
        (b"MZ\x90\x00", None),
        (b"", None),
    ],
)
def test_a_type_is_told_from_the_bytes(head: bytes, kind: str | None) -> None:
    assert sniff(head) == kind


@given(st.binary(max_size=64))
def test_no_bytes_break_the_sniffing(head: bytes) -> None:
    sniff(head)
    is_json(head)


def test_a_text_of_too_many_values_is_not_read() -> None:
    """Millions of empty lists in 16 MiB would stop every other thread for seconds."""
    assert is_json(b"[" + b"[]," * 100_000 + b"[]]")
    assert not is_json(b"[" + b"[]," * 1_000_000 + b"[]]")
    assert is_json(json.dumps({"prose": "One, two, three; and so on. " * 100_000}).encode())


@given(st.dictionaries(st.text(), JSON, max_size=4).filter(lambda d: "\\ud" not in json.dumps(d)))
def test_what_is_read_can_be_written_and_hashed(value: dict[str, object]) -> None:
    assert load_object(dumps(value), "x") == value
    assert canonical(load_object(canonical(value), "x")) == canonical(value)


@pytest.mark.parametrize(
    "bad",
    [
        "[1]",
        "1",
        "{",
        '{"a":NaN}',
        '{"a":-Infinity}',
        '{"a":1e999}',
        '{"a":"\\ud800"}',
        '{"\\uD800":1}',
        '{"a":' + "[" * 50_000,
        '{"a":' + "[" * 120 + "]" * 120 + "}",
        '{"a":' + "9" * 5000 + "}",
    ],
)
def test_what_could_not_be_written_again_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_object(bad, "field_name")
    assert caught.value.field == "field_name"


def test_pairs_of_surrogates_and_many_flat_lists_are_sound() -> None:
    assert load_object('{"a":"\\ud83e\\udd8a"}', "x") == {"a": "🦊"}
    assert len(load_object(json.dumps({"a": [[n] for n in range(500)]}), "x")["a"]) == 500


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_that_json_lacks_is_written(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"a": value})


def test_a_fingerprint_ignores_order_and_sees_everything_else() -> None:
    one = fingerprint("k", 1, "m", {"a": 1, "b": "é"})
    assert one == fingerprint("k", 1, "m", {"b": "é", "a": 1})
    others = [
        fingerprint("k", 2, "m", {"a": 1, "b": "é"}),
        fingerprint("j", 1, "m", {"a": 1, "b": "é"}),
        fingerprint("k", 1, "n", {"a": 1, "b": "é"}),
        fingerprint("k", 1, "m", {"a": "1", "b": "é"}),
        fingerprint("k", 1, "m", {"a": 1}),
    ]
    assert len({one, *others}) == 6


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key sk-proj-abcdefgh12345678 used", "abcdefgh12345678"),
        ("AIzaSyA1234567890abcdef", "SyA1234567890"),
        ("Authorization: Bearer abc.def-ghi_jkl", "def-ghi"),
        ("https://s3/x?X-Amz-Signature=deadbeef01", "deadbeef01"),
        ("postgresql://sfd:hunter2@db/sfd", "hunter2"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(text: str, secret: str) -> None:
    masked = redact(text)
    assert secret not in masked
    assert "[redacted]" in masked
    assert redact("nothing of note") == "nothing of note"
