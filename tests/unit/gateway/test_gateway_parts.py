"""Parts of the gateway that need nobody else."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kit.context import Role
from kit.identity import DEFAULT_ACCOUNT_ID
from services.gateway import body, ranges
from services.gateway.auth import Access, KeyRing, rule_for, without_rule
from services.gateway.config import GatewaySettings
from services.gateway.headers import ignored, warned
from services.gateway.pictures import sniff
from services.gateway.problems import Problem, field_path, field_text
from services.gateway.server import listen
from services.gateway.wakeups import Wakeups

SECRET = "not-a-secret-but-long-enough-for-tests"


def settings(**fields: str) -> GatewaySettings:
    """Returns settings of a development gateway without keys, but for `fields`."""
    return GatewaySettings.model_validate(
        {"SFD_INTERNAL_SECRET": SECRET, "ENVIRONMENT": "development", "HOST": "127.0.0.1", "API_KEYS": "", **fields}
    )


@pytest.mark.parametrize(
    ("fields", "opened", "refused"),
    [
        ({}, True, False),
        ({"HOST": "localhost"}, True, False),
        ({"HOST": "::1"}, True, False),
        ({"HOST": "0.0.0.0"}, False, True),
        ({"HOST": "gateway"}, False, True),
        ({"ENVIRONMENT": "test"}, False, True),
        ({"ENVIRONMENT": "production"}, False, True),
        ({"API_KEYS": " , "}, True, False),
        ({"API_KEYS": "k"}, False, False),
        ({"API_KEYS": "k", "HOST": "0.0.0.0"}, False, False),
        ({"API_KEYS": "short", "ENVIRONMENT": "production"}, False, True),
        ({"API_KEYS": "long-enough-for-production", "ENVIRONMENT": "production"}, False, False),
    ],
)
def test_who_may_start_without_keys(fields: dict[str, str], opened: bool, refused: bool) -> None:
    made = settings(**fields)
    assert made.open_mode == opened
    assert bool(made.refusal()) == refused


@pytest.mark.parametrize("origins", ["*", "http://*.example.com", "example.com", "http://a.example/x"])
def test_origins_are_exact(origins: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        settings(CORS_ORIGINS=origins)


def test_keys() -> None:
    ring = KeyRing(["one", "two"], open_mode=False)
    for pair in (("one", None), (None, "Bearer two"), ("two", "Bearer nonsense")):
        who = ring.identify(*pair)
        assert (who.account_id, who.role) == (DEFAULT_ACCOUNT_ID, Role.ACCOUNT)
    for nobody in ((None, None), ("", None), ("three", None), (None, "one"), (None, "Bearer "), ("one ", None)):
        with pytest.raises(Problem) as caught:
            ring.identify(*nobody)
        assert caught.value.status == 401
    assert KeyRing([], open_mode=True).identify(None, None).account_id == DEFAULT_ACCOUNT_ID
    with pytest.raises(Problem):
        KeyRing([], open_mode=False).identify(None, None)


def test_paths_without_a_rule_need_a_key() -> None:
    assert rule_for("/health") is Access.OPEN
    assert rule_for("/media/x") is rule_for("/docs/x") is Access.OPEN
    for path in ("/health/", "/healthz", "/media", "/dramas", "//health", "/docsx", "/unknown"):
        assert rule_for(path) is Access.ACCOUNT, path
    assert without_rule(["/health", "/new"]) == ["/new"]


@given(st.integers(0, 300), st.text("0123456789-=, bytes", max_size=20))
def test_a_range_never_leaves_the_bytes(size: int, header: str) -> None:
    for text in (header, "bytes=" + header):
        try:
            part = ranges.slice_of(text, size)
        except ranges.NotSatisfiable:
            continue
        if part is not None:
            assert 0 <= part.first <= part.last < size


@given(st.binary(max_size=60), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBPVP8 ", b""]))
def test_no_bytes_break_the_sniffer(data: bytes, start: bytes) -> None:
    found = sniff(start + data)
    assert found is None or found.content_type.startswith("image/")


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True})],
)
def test_sizes_are_read_from_the_head(kind: str, options: dict[str, bool]) -> None:
    out = io.BytesIO()
    Image.new("RGB", (123, 457), "red").save(out, kind, **options)
    found = sniff(out.getvalue())
    assert found is not None
    assert (found.content_type, found.width, found.height) == (f"image/{kind.lower()}", 123, 457)
    animated = io.BytesIO()
    Image.new("RGBA", (33, 44)).save(animated, "WEBP", exif=b"Exif\0\0" + b"\0" * 20)
    extended = sniff(animated.getvalue())
    assert extended is not None
    assert (extended.width, extended.height) == (33, 44)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab물", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("xy", max_size=3), JSON, max_size=4))
def test_good_json_is_read_as_it_is(value: dict[str, object]) -> None:
    assert body.parse_object(json.dumps(value).encode()) == value


@given(st.binary(max_size=80) | st.text('{}[]:,"\\0aNul1e-.', max_size=40).map(str.encode))
def test_bad_json_is_a_problem_of_the_client(raw: bytes) -> None:
    status = 200
    try:
        body.parse_object(raw)
    except Problem as problem:
        status = problem.status
    assert status in (200, 400, 422)


@given(st.lists(st.integers(0, 99) | st.text("abc_", min_size=1, max_size=5), min_size=1, max_size=5))
def test_paths_of_fields_are_read_back(path: list[str | int]) -> None:
    assert field_path(field_text(["body", *path])) == ["body", *path]


@given(st.lists(st.text(max_size=90), max_size=30))
def test_headers_hold_nothing_that_breaks_them(texts: list[str]) -> None:
    for made in (ignored(texts), warned(texts)):
        for value in made.values():
            assert value.isascii()
            assert value.isprintable()
            assert len(value) < 16_000


async def test_a_ring_is_heard_by_its_account_only() -> None:
    wakeups = Wakeups()
    with wakeups.bell("a") as mine, wakeups.bell("b") as other:
        wakeups.receive("events.a.job.0197.running")
        began = time.monotonic()
        await mine.wait(0.5)
        assert time.monotonic() - began < 0.2
        await other.wait(0.1)
        assert time.monotonic() - began >= 0.1
        wakeups.receive("nonsense")
        wakeups.receive("events.a")
        loop = asyncio.get_running_loop()
        loop.call_later(0.05, wakeups.stop)
        await mine.wait(5)
        await mine.wait(5)
    assert wakeups.stopping
    wakeups.receive("events.a.job.0197.running")
    assert time.monotonic() - began < 3


def test_a_taken_port_means_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with listen("127.0.0.1", port) as sock:
            assert port < sock.getsockname()[1] <= port + 50
