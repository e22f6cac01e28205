"""Reading somebody's picture by its URL leads nowhere inside."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from kit import fetch
from kit.errors import InvalidInput
from kit.fetch import Fetcher
from kit.jobs.handler import JobFailed

ROOT = Path(__file__).resolve().parents[3]


def fetcher(answer: httpx.Response | Exception, *trusted: str) -> tuple[Fetcher, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Fetcher(httpx.AsyncClient(transport=httpx.MockTransport(reply), follow_redirects=True), trusted), seen


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.png",
        "http://[::1]/x.png",
        "http://10.0.0.8/x.png",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0:8000/",
        "http://[::ffff:127.0.0.1]/",
        "http://localhost:9000/x",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "http://",
        "http://media.test.evil.invalid/x",
    ],
)
async def test_inner_addresses_and_other_schemes_are_refused_unasked(url: str) -> None:
    reader, seen = fetcher(httpx.Response(200, content=b"x"), "http://media.test/media")
    with pytest.raises(InvalidInput):
        await reader.picture(url)
    assert seen == []


async def test_the_checked_address_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def public(host: str, port: int) -> str:
        assert (host, port) == ("pictures.example", 8443)
        return "93.184.216.34"

    monkeypatch.setattr(fetch, "_public_address", public)
    reader, (seen) = fetcher(httpx.Response(200, content=b"picture"))
    assert await reader.picture("https://me:secret@pictures.example:8443/a.png?x=1") == b"picture"
    (request,) = seen
    assert request.url.host == "93.184.216.34"
    assert request.headers["host"] == "pictures.example:8443"
    assert request.extensions["sni_hostname"] == "pictures.example"
    assert request.url.raw_path == b"/a.png?x=1"


async def test_our_own_media_and_an_operators_url_are_read_where_they_are() -> None:
    reader, seen = fetcher(httpx.Response(200, content=b"x"), "http://127.0.0.1:8000/media", "")
    await reader.picture("http://127.0.0.1:8000/media/abc.png")
    await reader.picture("http://10.0.0.8/guide.png", operator=True)
    assert [str(request.url) for request in seen] == [
        "http://127.0.0.1:8000/media/abc.png",
        "http://10.0.0.8/guide.png",
    ]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404), InvalidInput),
        (httpx.Response(302, headers={"location": "http://127.0.0.1/"}), InvalidInput),
        (httpx.Response(200, content=b"x" * (fetch.MAX_BYTES + 1)), InvalidInput),
        (httpx.ConnectError("nobody"), JobFailed),
        (httpx.ReadTimeout("slow"), JobFailed),
    ],
    ids=["404", "redirect", "large", "refused", "slow"],
)
async def test_what_cannot_be_read_is_named(answer: httpx.Response | Exception, error: type[Exception]) -> None:
    reader, seen = fetcher(answer)
    with pytest.raises(error):
        await reader.picture("http://pictures.test/x.png", operator=True)
    assert len(seen) == 1


@pytest.mark.parametrize("service", ["imaging", "video"])
def test_a_service_starts_without_what_only_subprocesses_and_vendors_need(service: str) -> None:
    heavy = "PIL numpy scipy av onnxruntime openai google.genai"
    code = f"import sys, services.{service}.app; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}", "PATH": ""},
    )
    assert done.stdout.strip() == "[]"
