"""The edge: keys, limits, bad input, errors, faces, documentation."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx
import pytest
import structlog

from kit import drama_json, errors
from services.gateway import app as application
from services.gateway import auth
from sfd.dramas.v1 import drama_pb2
from tests.contract.gateway.conftest import KEY, Running
from tests.contract.gateway.fakes import House

JSON = {"Content-Type": "application/json"}


def paths_with_methods() -> list[tuple[str, str]]:
    """Returns every route with each of its methods."""
    found = []
    for router in application.ROUTERS:
        for route in router.routes:
            found += [(method, getattr(route, "path", "")) for method in sorted(getattr(route, "methods", set()))]
    return found


def test_every_route_has_a_rule() -> None:
    assert auth.without_rule(application.route_paths()) == []
    assert set(auth.RULES) == set(application.route_paths())
    assert len(paths_with_methods()) >= 27


def told(answer: httpx.Response) -> str:
    """The text of an error in either form."""
    body = answer.json()
    return str(body["error"]["message"] if isinstance(body.get("error"), dict) else body["detail"])


@pytest.mark.parametrize(("method", "path"), paths_with_methods())
async def test_the_rule_of_each_route_holds(stranger: httpx.AsyncClient, house: House, method: str, path: str) -> None:
    concrete = re.sub(r"\{[\w:]+\}", "x", path)
    answer = await stranger.request(method, concrete)
    if path == "/v1/hooks/{provider}":
        # No key is asked for: a vendor proves its callback itself.
        assert (answer.status_code, answer.json()["reason"]) == (401, "unverified_callback")
        return
    if auth.RULES[path.replace(":path", "")] is not auth.Access.ACCOUNT:
        assert answer.status_code in (200, 404)
        return
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    if method != "HEAD":
        assert told(answer) == "Missing API key. Provide via 'Authorization: Bearer <key>' header"
    wrong = await stranger.request(method, concrete, headers={"X-API-Key": "nope"})
    assert wrong.status_code == 401
    if method != "HEAD":
        assert told(wrong) == "Invalid API key"
    assert house.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": "bearer sfd_another-key-of-the-tests"},
    ],
)
async def test_keys_that_open(stranger: httpx.AsyncClient, headers: dict[str, str]) -> None:
    assert (await stranger.get("/dramas", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Authorization", f"Basic {KEY}")], 401),
        ([("Authorization", "Bearer")], 401),
        ([("Authorization", "Bearer ü")], 401),
        ([("X-API-Key", "")], 401),
        ([("Authorization", f"Bearer {KEY}"), ("Authorization", f"Bearer {KEY}")], 400),
        ([("X-API-Key", KEY), ("X-API-Key", KEY)], 400),
        ([("x_api_key", KEY)], 400),
    ],
)
async def test_keys_that_do_not(stranger: httpx.AsyncClient, headers: list[tuple[str, str]], status: int) -> None:
    raw = [(name.encode(), value.encode("utf-8")) for name, value in headers]
    assert (await stranger.get("/dramas", headers=raw)).status_code == status
    assert (await stranger.get("/dramas", params={"api_key": KEY})).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"nonsense", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400),
        (b'{"premise":"' + b"\xff\xfe" + b'"}', 400),
        (b"\xef\xbb\xbf{}", 400),
        (b'{"premise":"a","premise":"b"}', 400),
        (b'{"premise":"x","m":{"a":1,"a":2}}', 400),
        (b"[]", 422),
        (b'"x"', 422),
        (b"null", 422),
        (b'{"premise":"a\\u0000b"}', 422),
        (b'{"premise":"x","extra":{"a":["\\u0000"]}}', 422),
        (b'{"premise":"x","a\\u0000":1}', 422),
        (b'{"premise":"\\ud800"}', 422),
        (b'{"premise":"x","\\udfff":1}', 422),
        (b'{"premise":"x","seed":9223372036854775808}', 422),
        (b'{"premise":"x","seed":' + b"9" * 5000 + b"}", 422),
        (b'{"premise":"x","seed":NaN}', 422),
        (b'{"premise":"x","z":-Infinity}', 422),
        (b'{"premise":"x","z":1e999}', 422),
        (b'{"premise":"x","episodes":"3"}', 422),
        (b'{"premise":"x","episodes":3.0}', 422),
        (b'{"premise":"x","scenes":1}', 422),
        (b'{"premise":"x","id":"../up"}', 422),
        (b'{"premise":"x","language":"xx"}', 422),
    ],
)
async def test_bad_json_is_never_our_fault(api: httpx.AsyncClient, house: House, body: bytes, status: int) -> None:
    answer = await api.post("/dramas", content=body, headers=JSON)
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["request_id"] == answer.headers["x-request-id"]
    assert {"detail", "error", "message", "reason", "field", "retryable", "charged"} <= set(told)
    assert house.asked == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/json; charset=utf-16", "", "application/x-www-form-urlencoded"]
)
async def test_another_content_type_is_415(api: httpx.AsyncClient, kind: str) -> None:
    answer = await api.post("/dramas", content=b'{"premise":"x"}', headers={"Content-Type": kind})
    assert answer.status_code == 415


async def test_bodies_over_the_limit_are_413(api: httpx.AsyncClient, house: House) -> None:
    async def chunks(size: int) -> Any:
        for _ in range(size // 65536):
            yield b" " * 65536

    big = await api.post("/dramas/d/improve", content=b" " * ((1 << 20) + 1), headers=JSON)
    assert (big.status_code, big.json()["reason"]) == (413, "body_too_large")
    assert (await api.post("/dramas/d/improve", content=chunks(2 << 20), headers=JSON)).status_code == 413
    assert (await api.post("/dramas", content=chunks(9 << 20), headers=JSON)).status_code == 413
    assert (await api.post("/dramas", content=chunks(7 << 20), headers=JSON)).status_code == 400
    assert house.asked == []


async def test_heads_that_no_honest_client_sends(api: httpx.AsyncClient) -> None:
    assert (await api.get("/dramas?x=" + "y" * 9000)).status_code == 414
    many = {f"x-{number}": "y" for number in range(120)}
    assert (await api.get("/dramas", headers=many)).status_code == 431
    assert (await api.get("/dramas", headers={"x-long": "y" * 62_000})).status_code in (400, 431)


@pytest.mark.parametrize("path", ["/nothing", "/dramas/", "/dramas/a/b/c", "/dramas/a%2fb", "/..%2f..%2fetc/passwd"])
async def test_unknown_paths(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404
    assert answer.json()["request_id"]


@pytest.mark.parametrize("bad", ["%00", "x" * 5000, "a b", "ａbc", "..%2e", "%ff", "a%0d%0ab", "d;x"])
async def test_ids_that_cannot_be_are_404(api: httpx.AsyncClient, house: House, bad: str) -> None:
    answer = await api.get(f"/dramas/{bad}")
    assert answer.status_code == 404
    assert [one for one in house.asked if "\0" in str(one)] == []


async def test_methods(api: httpx.AsyncClient) -> None:
    answer = await api.put("/dramas")
    assert answer.status_code == 405
    assert answer.headers["allow"]
    assert (await api.request("TRACE", "/dramas")).status_code == 405


@pytest.mark.parametrize(
    ("failure", "status", "retry"),
    [
        (errors.Unavailable("Storage is away."), 503, True),
        (errors.DeadlineExceeded("Too slow."), 504, True),
        (errors.Exhausted("Too many.", reason="quota"), 429, True),
        (errors.PermissionDenied("No."), 403, False),
        (errors.NotReady("Not now."), 409, False),
        (errors.Conflict("Changed."), 409, False),
        (errors.InvalidInput("Wrong.", field="premise"), 422, False),
        (errors.Unauthenticated("token expired at db-7.internal"), 500, False),
        (errors.Internal("Traceback: password=hunter2"), 500, False),
    ],
)
async def test_errors_of_the_house(
    api: httpx.AsyncClient, house: House, failure: errors.SfdError, status: int, retry: bool
) -> None:
    house.failures["GenerateDrama"] = failure
    answer = await api.post("/dramas", json={"premise": "x"}, headers={"X-Request-Id": "my-id.1"})
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == retry
    body = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"] == "my-id.1"
    if status == 500:
        assert "hunter2" not in answer.text
        assert "internal" not in answer.text.replace('"internal"', "")
    else:
        assert body["message"].endswith(failure.message)
        assert body["retryable"] == failure.retryable


async def test_an_exception_inside_is_told_as_nothing(api: httpx.AsyncClient, house: House) -> None:
    house.failures["GetDrama"] = TypeError("secret of the house")
    with structlog.testing.capture_logs():
        answer = await api.get("/dramas/d")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["detail"]["message"] == "Something went wrong inside."


async def test_a_bug_of_our_own_is_told_as_nothing(
    api: httpx.AsyncClient, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise KeyError("secret of the gateway")

    house.dramas["d"] = drama_pb2.Drama(id="d")
    monkeypatch.setattr(drama_json, "drama_json", broken)
    with structlog.testing.capture_logs() as told:
        answer = await api.get("/dramas/d", headers={"X-Request-Id": "bug.1"})
    assert isinstance(next(one for one in told if one["event"] == "request_failed")["exc_info"], KeyError)
    assert (answer.status_code, answer.json()["request_id"]) == (500, "bug.1")
    assert answer.json()["detail"]["message"] == "Something went wrong inside."
    assert "secret" not in answer.text


async def test_what_it_says_of_itself(stranger: httpx.AsyncClient) -> None:
    health = (await stranger.get("/health")).json()
    assert (health["status"], health["version"]) == ("ok", "1.0.0")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", health["timestamp"])
    assert (await stranger.get("/")).json() == {
        "message": "Drama API Worker",
        "version": "1.0.0",
        "docs": "/docs",
        "openapi": "/openapi.json",
    }
    assert "swagger" in (await stranger.get("/docs")).text
    assert "sfd_http_seconds" in (await stranger.get("/metrics")).text
    assert (await stranger.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"})).status_code == 404


async def test_the_documentation_is_whole(stranger: httpx.AsyncClient) -> None:
    document = (await stranger.get("/openapi.json")).json()
    assert (document["info"]["title"], document["info"]["version"]) == ("Drama API Worker", "1.0.0")
    schemas = document["components"]["schemas"]
    refs = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert refs <= set(schemas)
    create = document["paths"]["/dramas"]["post"]
    assert {"202", "201", "400", "401", "413", "422"} <= set(create["responses"])
    assert set(create["requestBody"]["content"]) == {"application/json", "multipart/form-data"}
    for path, rule in auth.RULES.items():
        if rule is auth.Access.ACCOUNT and path in document["paths"]:
            assert all(operation["security"] for operation in document["paths"][path].values())


async def test_origins(api: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key, Idempotency-Key"}
    good = await stranger.options("/dramas", headers={"Origin": "http://localhost:3000", **ask})
    assert good.status_code == 200
    assert good.headers["access-control-allow-origin"] == "http://localhost:3000"
    bad = await stranger.options("/dramas", headers={"Origin": "http://evil.example", **ask})
    assert "access-control-allow-origin" not in bad.headers
    answer = await stranger.get("/dramas", headers={"Origin": "http://localhost:3000"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "http://localhost:3000")
    answer = await api.get("/dramas", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_client_that_leaves_harms_nobody(api: httpx.AsyncClient, running: Running) -> None:
    host, port = running.url.removeprefix("http://").split(":")
    for sent in (
        b"POST /dramas HTTP/1.1\r\nHost: x\r\nX-API-Key: " + KEY.encode() + b"\r\nContent-Length: 100\r\n\r\n{",
    ):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        await writer.drain()
        writer.close()
    await asyncio.sleep(0.1)
    assert (await api.get("/dramas")).status_code == 200
