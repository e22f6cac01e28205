"""Bad input over REST, row by row. What another file proves is named here and not repeated.

| what | answer | where |
|---|---|---|
| malformed, empty, deep JSON; invalid UTF-8; duplicate keys | 400 | test_gateway_edge: test_bad_json_is_never_our_fault |
| NUL, lone surrogates, integers beyond 64 bits, NaN, 1e999 | 422 | test_gateway_edge: test_bad_json_is_never_our_fault |
| 1e308 and -0.0 where they do not belong | 422 | here: test_numbers_that_fit_no_field |
| another Content-Type or charset | 415 | test_gateway_edge: test_another_content_type_is_415 |
| an Accept that cannot be met | 200 in JSON: RFC 9110 12.4.1 lets a server disregard it | here: test_accept_is_disregarded |
| missing, wrong, unknown enum, too long | 422 with the path | test_gateway_dramas: test_a_wrong_drama_is_422_with_the_field; here: lists |
| unknown field on the drama contract's routes | ignored, named | test_gateway_dramas: test_unknown_and_server_owned_fields... |
| unknown field on a route of our own | 422 | here: test_our_own_routes_refuse_what_they_do_not_know |
| ids that cannot be | 404 | test_gateway_edge: test_ids_that_cannot_be_are_404; here: case, 1 MB |
| an id of another account, of something deleted | 404, as a random one | here: test_what_was_deleted_looks_like_what_never_was |
| limit, cursor (bad, foreign, tampered) | 422, 400 | test_gateway_dramas; test_gateway_walk: test_a_cursor_belongs_to_its_list |
| If-Match stale, malformed | 412, 400 | test_gateway_dramas: test_if_match_guards_a_change; here: forms |
| Idempotency-Key empty, long, not ASCII; another body | 400, 422 | test_gateway_dramas |
| no key, a wrong one, two, one in the query | 401, 400 | test_gateway_edge: test_keys_that_do_not |
| a right that is missing; a limit; away; too slow | 403, 429, 503, 504 | test_gateway_edge: test_errors_of_the_house |
| bodies over the limit, by length and by chunks | 413 | test_gateway_edge: test_bodies_over_the_limit_are_413 |
| headers too many, too large; URL too long; underscores | 431, 414, 400 | test_gateway_edge; here: a head without an end |
| CL with TE, space in a name, obs-fold, bare CR, and more | 400 and closed | here: test_what_is_not_http |
| no Host, two of them | 400 | test_gateway_walk: test_there_is_one_host |
| slow head; slow body | 408 and closed | test_gateway_walk; here: test_a_body_that_does_not_come |
| wrong method, TRACE, unknown route, foreign origin | 405 with Allow, 404, no CORS | test_gateway_edge, test_gateway_walk |
| multipart: no boundary, cut, 10,000 parts, 1 MB part header, twice | 400, 413 | test_gateway_media: test_broken_forms; here: file names |
| Range of 10,000 parts, reversed, beyond the end | 200 whole, 416 | here: test_ranges_that_are_a_trick; test_gateway_media |
| a file that is no picture, a bomb of pixels | 422 before decoding | test_gateway_media: test_a_file_that_is_no_bearable_picture |
| a URL that a browser would run | 422 | test_gateway_walk: test_a_url_that_runs_is_not_kept |
| cycles, doubles, unknown nodes in a plan | 422 | system/storage: test_storage_accept |
| a service or the bucket is away | 503 | test_gateway_real, test_gateway_media |
| a client that leaves | nothing leaks | test_gateway_edge, test_gateway_events |
| texts that are strange | kept byte for byte | test_gateway_dramas: test_a_strange_premise_is_passed_on_unchanged |
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import httpx
import pytest

from services.gateway import edge, protocol
from sfd.assets.v1 import asset_pb2
from sfd.dramas.v1 import drama_pb2
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fakes import House

HEAD = b"Host: x\r\nX-API-Key: " + KEY.encode() + b"\r\nContent-Type: application/json\r\n"


async def raw(running: Running, sent: bytes, seconds: float = 10) -> tuple[int, bytes, bool]:
    """Returns status, whole answer, and whether the gateway has closed; status 0 means that it closed without a word."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(running.url.rpartition(":")[2]), limit=1 << 20)
    with suppress(ConnectionError):
        writer.write(sent)
        await writer.drain()
    got, closed = b"", False
    try:
        async with asyncio.timeout(seconds):
            while part := await reader.read(65536):
                got += part
            closed = True
    except ConnectionError:
        closed = True
    except TimeoutError:
        closed = False
    writer.close()
    return int(got[9:12] or 0) if got.startswith(b"HTTP/1.1 ") else 0, got, closed


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            b"POST /dramas HTTP/1.1\r\n%bContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="CL+TE"
        ),
        pytest.param(b"POST /dramas HTTP/1.1\r\n%bContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", id="two CL"),
        pytest.param(b"POST /dramas HTTP/1.1\r\n%bTransfer-Encoding: gzip\r\n\r\nhello", id="TE gzip"),
        pytest.param(
            b"POST /dramas HTTP/1.1\r\n%bTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", id="TE twice"
        ),
        pytest.param(b"POST /dramas HTTP/1.1\r\n%bContent-Length: -5\r\n\r\n", id="negative CL"),
        pytest.param(b"POST /dramas HTTP/1.1\r\n%bContent-Length: +5\r\n\r\nhello", id="CL with a plus"),
        pytest.param(b"POST /dramas HTTP/1.1\r\n%bTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="bad chunk"),
        pytest.param(b"GET /dramas HTTP/1.1\r\n%bX Y: 1\r\n\r\n", id="space in a name"),
        pytest.param(b"GET /dramas HTTP/1.1\r\n%bX-Y : 1\r\n\r\n", id="space before the colon"),
        pytest.param(b"GET /dramas HTTP/1.1\r\n%bX-Y: 1\r\n 2\r\n\r\n", id="obs-fold"),
        pytest.param(b"GET /dramas HTTP/1.1\r\n%bX-Y: 1\rX-Z: 2\r\n\r\n", id="bare CR"),
        pytest.param(b"GET /dramas HTTP/1.1\n%b\n", id="bare LF"),
        pytest.param(b"GET /dramas HTTP/1.1\r\n%bX-Y: a\0b\r\n\r\n", id="NUL in a value"),
        pytest.param(b"GET /dramas\r\n\r\n%b", id="HTTP/0.9"),
        pytest.param(b"GET /dramas HTTP/3.7\r\n%b\r\n", id="HTTP/3.7"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n%b", id="HTTP/2 preface"),
        pytest.param(b"CONNECT x:1 HTTP/1.1\r\n%b\r\n", id="CONNECT"),
        pytest.param("GET /dramas/é HTTP/1.1\r\n%b\r\n".encode(), id="UTF-8 in the URL"),
        pytest.param(bytes(range(256)) + b"%b", id="all bytes"),
    ],
)
async def test_what_is_not_http(running: Running, house: House, sent: bytes) -> None:
    status, answer, closed = await raw(running, sent.replace(b"%b", HEAD))
    assert (status, closed) == (400, True), answer[:200]
    head, _, body = answer.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert f"x-request-id: {told['request_id']}".encode() in head.lower()
    assert {"detail", "error", "message", "reason", "field", "retryable", "charged"} <= set(told)
    assert house.asked == []


@pytest.mark.parametrize("line", [b"x: " + b"y" * 1_000_000, b"".join(b"x-%d: y\r\n" % n for n in range(60_000))])
async def test_a_head_without_an_end_is_not_read(running: Running, line: bytes) -> None:
    status, answer, closed = await raw(running, b"GET /health HTTP/1.1\r\nHost: x\r\n" + line)
    # The refusal may be lost when the client still sends: the connection is closed in any case.
    assert status in (0, 400, 431), answer[:200]
    assert closed
    status, _, closed = await raw(running, b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (status in (0, 400, 414, 431), closed) == (True, True)


async def test_a_body_that_does_not_come(running: Running, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "BODY_SECONDS", 0.3)
    for more in (b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"):
        status, answer, closed = await raw(running, b"POST /dramas HTTP/1.1\r\n" + HEAD + more)
        assert (status, closed) == (408, True)
        assert b"slow_body" in answer
    assert house.asked == []


async def test_a_slow_head_is_told_its_id(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    status, answer, closed = await raw(running, b"GET /health HTTP/1.1\r\nHost: x\r\n")
    assert (status, closed) == (408, True)
    assert b"x-request-id: " in answer


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1, image/*", "", "x" * 500])
async def test_accept_is_disregarded(api: httpx.AsyncClient, accept: str) -> None:
    answer = await api.get("/dramas", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/dramas", {"premise": "x", "episodes": 1e308}, "episodes"),
        ("/dramas", {"premise": "x", "seed": 0.5}, "seed"),
        ("/dramas", {"premise": "x", "episodes": 101}, "episodes"),
        ("/dramas/d/execute", {"ceiling_usd": 1e308}, "ceiling_usd"),
        ("/dramas/d/execute", {"ceiling_usd": -0.01}, "ceiling_usd"),
        ("/dramas/d/execute", {"episodes": ["e"] * 1001}, "episodes"),
        ("/dramas/d/execute", {"episodes": ["e", "a b"]}, "episodes[1]"),
        ("/dramas/d/execute", {"cast": {"writer": "x" * 65}}, "cast.writer"),
        ("/dramas/d/generate", {"force": "yes"}, "force"),
        ("/dramas/d/improve", {}, "feedback"),
        ("/dramas/d/improve", {"feedback": " \u3000\t"}, "feedback"),
        ("/dramas/d/improve", {"feedback": "x" * 8001}, "feedback"),
        ("/submissions/p/resolve", {"resolution": "RESUBMIT"}, "resolution"),
    ],
)
async def test_numbers_that_fit_no_field(
    api: httpx.AsyncClient, house: House, path: str, body: dict[str, object], field: str
) -> None:
    answer = await api.post(path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert house.asked == []


async def test_minus_zero_is_zero(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d")
    told = {"Content-Type": "application/json"}
    answer = await api.post("/dramas/d/execute", content=b'{"ceiling_usd": -0.0}', headers=told)
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/submissions/p/resolve", {"resolution": "abandon", "owner_id": "x", "cost": 0}),
        ("/graphql", {"query": "{__typename}", "account": "x"}),
    ],
)
async def test_our_own_routes_refuse_what_they_do_not_know(
    api: httpx.AsyncClient, house: House, path: str, body: dict[str, object]
) -> None:
    answer = await api.post(path, json=body)
    assert (answer.status_code, answer.json()["reason"]) == (422, "invalid_input")
    assert answer.json()["field"] in body
    assert house.asked == []


async def test_ids_have_their_case_and_an_end(api: httpx.AsyncClient, house: House, running: Running) -> None:
    house.dramas["Ferry"] = drama_pb2.Drama(id="Ferry", title="t")
    assert (await api.get("/dramas/Ferry")).status_code == 200
    for path in ("/dramas/ferry", "/DRAMAS/Ferry", "/dramas/Ferry%00", "/dramas/%46erry/"):
        assert (await api.get(path)).status_code == 404, path
    for odd in ("/dramas//cover_photo", "/dramas/d/jobs/%2e%2e", "/dramas/d/jobs/" + "j" * 4000):
        answer = await api.get(odd)
        assert answer.status_code == 404, odd
        assert answer.json()["request_id"]


async def test_what_was_deleted_looks_like_what_never_was(api: httpx.AsyncClient, house: House) -> None:
    house.dramas["gone"] = drama_pb2.Drama(id="gone", title="t")
    assert (await api.delete("/dramas/gone")).status_code == 200
    bodies = []
    for name in ("gone", "none"):
        answer = await api.get(f"/dramas/{name}", headers={"X-Request-Id": "same"})
        bodies.append((answer.status_code, answer.text.replace(name, "?")))
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("tag", ["x", '"a" "b"', '"a', "'a'", '"a",,"b', '"ä"', "W/x"])
async def test_an_etag_that_is_none(api: httpx.AsyncClient, house: House, tag: str) -> None:
    house.dramas["d"] = drama_pb2.Drama(id="d", title="t", etag="a")
    answer = await api.patch("/dramas/d", json={"title": "n"}, headers=[(b"If-Match", tag.encode())])
    assert answer.status_code in (400, 412)
    assert house.dramas["d"].title == "t"


@pytest.mark.parametrize(
    "disposition",
    [
        'name="reference_image"; filename="../../etc/passwd"',
        'name="reference_image"; filename="a.png"; filename="b.html"',
        "name=\"reference_image\"; filename*=utf-8''%00%0d%0a.png",
        'name="reference_image"; filename="' + "x" * 10_000 + '.png"',
        'name="reference_image"; filename=""',
    ],
)
async def test_a_files_name_means_nothing(api: httpx.AsyncClient, house: House, disposition: str) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="premise"\r\n\r\nx\r\n'
        b"--b\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\nnot a picture\r\n--b--\r\n"
    )
    answer = await api.post("/dramas", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in (400, 413, 422)
    assert house.asked == []


async def test_ranges_that_are_a_trick(stranger: httpx.AsyncClient, house: House, running: Running) -> None:
    capability = "0f" * 16
    running.objects["k"] = b"0123456789"
    house.assets[f"asset-{capability}"] = asset_pb2.Asset(
        id=f"asset-{capability}",
        key="k",
        bytes=10,
        sha256="s",
        content_type="video/mp4",
        state=asset_pb2.ASSET_STATE_LIVE,
    )
    path = f"/media/{capability}.mp4"
    for trick in (
        "bytes=" + "0-0," * 10_000 + "1-1",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "lines=0-1",
        "bytes=0-1,2-3",
    ):
        answer = await stranger.get(path, headers={"Range": trick})
        assert (answer.status_code, answer.content) == (200, b"0123456789"), trick[:40]
    for beyond in ("bytes=10-", "bytes=9999999999999999999-", "bytes=-0"):
        answer = await stranger.get(path, headers={"Range": beyond})
        assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
