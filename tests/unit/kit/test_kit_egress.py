"""URLs of users lead nowhere inside: not as they are written, not as they resolve, not as they redirect."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.egress.addresses import is_public, parse
from kit.egress.client import Egress, Unreachable
from kit.egress.rules import Allowed, Blocked, Rules, check_url

WEBHOOKS = Rules()
GOOD = [
    "https://example.com",
    "https://example.com/",
    "https://hooks.example.com/a/b?c=d&e=%20f",
    "https://example.com:443/x",
    "HTTPS://EXAMPLE.com/x",
    "https://xn--bcher-kva.example/x",
    "https://8.8.8.8/x",
    "https://[2606:4700:4700::1111]/x",
    "https://a-b.example.co.uk/%2e%2e/",
    "https://example.com/a@b",
]
BAD = [
    "",
    "example.com",
    "//example.com/x",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "data:text/plain,x",
    "javascript:alert(1)",
    "https:example.com",
    "https:/example.com",
    "https:///x",
    "https://",
    "https://:443/",
    "https://example.com:22/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:x/",
    "https://example.com:80/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com@127.0.0.1/",
    "https://@example.com/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://a.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://intranet/",
    "https://router.home.arpa/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0x/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://192.0.2.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[ff02::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[2001:db8::1]/",
    "https://[127.0.0.1]/",
    "https://[::1/",
    "https://::1/",
    "https://127。0。0。1/",
    "https://①②⑦.0.0.1/",
    "https://ⓔxample.com/",
    "https://exämple.com/",
    "https://xn--a/",
    "https://xn--zzzzzzzzzz99999.example/",
    "https://127.0.0.1%00.example.com/",
    "https://%31%32%37.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/\r\nHost: x",
    "https://exam ple.com/",
    " https://example.com/",
    "https://example.com/\x00",
    "https://example.com/#fragment",
    "https://127.0.0.1#@example.com/",
    "https://-a.example.com/",
    "https://a..example.com/",
    "https://example.com./",
    "https://a_b.example.com/",
    "https://" + "a" * 64 + ".example.com/",
    "https://example.com/" + "a" * 2040,
    "https://\ud800.example.com/",
]


@pytest.mark.parametrize("url", GOOD)
def test_public_urls_pass(url: str) -> None:
    target = check_url(url, WEBHOOKS)
    assert (target.scheme, target.port) == ("https", 443)
    assert target.host == httpx.URL(url).raw_host.decode().strip("[]")


@pytest.mark.parametrize("url", BAD)
def test_everything_else_is_refused_by_its_text(url: str) -> None:
    with pytest.raises(Blocked) as refused:
        check_url(url, WEBHOOKS)
    assert (refused.value.field, refused.value.reason) == ("url", "url_blocked")
    assert "password" not in str(refused.value).replace("a user or a password", "")


def test_the_table_is_long_enough() -> None:
    assert len(set(BAD)) == len(BAD) >= 60


@given(st.text(max_size=60).map(lambda text: f"https://{text}"))
def test_no_text_makes_the_two_readers_disagree(url: str) -> None:
    with contextlib.suppress(Blocked):
        assert check_url(url, WEBHOOKS).host == httpx.URL(url).raw_host.decode().strip("[]")


@given(st.ip_addresses())
def test_an_address_is_judged_alike_in_a_url_and_as_an_answer(address: object) -> None:
    known = parse(str(address))
    assert known is not None
    literal = f"https://[{address}]/" if known.version == 6 else f"https://{address}/"
    refused = WEBHOOKS.refuse_address("x.example", str(address)) != ""
    assert refused == (not is_public(known))
    with pytest.raises(Blocked) if refused else contextlib.nullcontext():
        check_url(literal, WEBHOOKS)


def test_operators_may_allow_hosts_and_networks() -> None:
    rules = Rules(allowed=Allowed.parse("hooks.corp, 10.1.0.0/16,127.0.0.1, ::1"))
    for url in ("http://hooks.corp:8080/", "https://10.1.2.3/", "http://127.0.0.1:9/x", "http://[::1]:9/"):
        check_url(url, rules)
    for url in ("http://other.corp/", "https://10.2.0.1/", "http://127.0.0.2/", "http://example.com/"):
        with pytest.raises(Blocked):
            check_url(url, rules)
    assert rules.refuse_address("a.example", "10.1.0.1") == ""
    assert rules.refuse_address("hooks.corp", "192.168.0.1") == ""
    assert rules.refuse_address("a.example", "192.168.0.1") != ""
    for wrong in ("10.1.2.3/16", "a/b", "http://x"):
        with pytest.raises(ValueError, match="neither"):
            Allowed.parse(wrong)


class Names:
    """A resolver whose answers change from call to call."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers: Iterator[list[str]] = iter(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return next(self._answers)


class Canary:
    """A listener on loopback that counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0
        self.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        self.heard = await reader.readuntil(b"\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            for part in self.answer.split(b"|"):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    made = Canary()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()


async def send(rules: Rules, url: str, names: Names | None = None, **more: object) -> object:
    async with Egress(rules, resolver=names) if names else Egress(rules) as egress:
        return await egress.send("POST", url, seconds=20.0, max_bytes=100, content=b"{}")


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["fe80::1%lo"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["0.0.0.0"],
        ["not an address"],
    ],
)
async def test_a_name_that_leads_inside_is_never_connected_to(canary: Canary, answers: list[str]) -> None:
    rules = Rules(schemes=frozenset({"http"}), ports=frozenset({canary.port}))
    with pytest.raises(Blocked):
        await send(rules, f"http://rebound.example:{canary.port}/", Names(answers))
    assert canary.visits == 0


async def test_a_name_that_changes_its_meaning_gains_nothing(canary: Canary) -> None:
    """The name is asked once; a second answer, which would lead inside, is not there to be used."""
    rules = Rules(schemes=frozenset({"http"}), ports=frozenset({canary.port}))
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"x" * 500))

    names = Names(["93.184.216.34"], ["127.0.0.1"])
    egress = Egress(rules, resolver=names, transport=httpx.MockTransport(reply))
    url = f"http://rebound.example:{canary.port}/a?b=1"
    answer = await egress.send("POST", url, seconds=5, max_bytes=100)
    assert (names.asked, len(answer.body), answer.whole) == (1, 100, False)
    assert (seen[0].url.host, seen[0].headers["host"]) == ("93.184.216.34", f"rebound.example:{canary.port}")
    assert (seen[0].extensions["sni_hostname"], seen[0].url.raw_path) == ("rebound.example", b"/a?b=1")
    with pytest.raises(Blocked):
        await egress.send("POST", url, seconds=5, max_bytes=100)
    assert (len(seen), canary.visits) == (1, 0)


async def test_literals_are_never_connected_to(canary: Canary) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
        with pytest.raises(Blocked):
            await send(
                Rules(schemes=frozenset({"http"}), ports=frozenset({canary.port})), f"http://{host}:{canary.port}/"
            )
    assert canary.visits == 0


def allowing(canary: Canary) -> tuple[Rules, str]:
    return Rules(allowed=Allowed.parse("127.0.0.1,127.0.0.2")), f"http://127.0.0.1:{canary.port}/x?y"


async def test_redirects_proxies_and_cookies_are_not_followed(canary: Canary, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, url = allowing(canary)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    where = f"Location: http://127.0.0.1:{canary.port}/in\r\n".encode()
    canary.answer = b"HTTP/1.1 302 Found\r\n" + where + b"Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    async with Egress(rules) as egress:
        for _ in range(2):
            assert (await egress.send("POST", url, seconds=5, max_bytes=10, content=b"{}")).status == 302
            assert b"ookie" not in canary.heard
            assert canary.heard.startswith(b"POST /x?y HTTP/1.1\r\nHost: 127.0.0.1:")
    assert canary.visits == 2


async def test_time_and_size_are_limited(canary: Canary) -> None:
    rules, url = allowing(canary)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    async with Egress(rules) as egress:
        canary.answer = head + b"|".join([b"x" * 1000] * 50)
        answer = await egress.send("POST", url, seconds=20, max_bytes=100)
        assert (len(answer.body), answer.whole) == (100, False)
        canary.answer = head + b"|x" * 1000
        with pytest.raises(Unreachable) as slow:
            await egress.send("POST", url, seconds=0.3, max_bytes=10_000)
        assert (slow.value.word, slow.value.sent) == ("timeout", True)
        canary.answer = b"not http at all\r\n\r\n"
        with pytest.raises(Unreachable, match="protocol"):
            await egress.send("POST", url, seconds=20, max_bytes=100)


async def test_a_host_that_speaks_no_tls_is_told_as_such() -> None:
    async def garble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(garble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unreachable, match="tls"):
        await send(Rules(allowed=Allowed.parse("127.0.0.1")), f"https://127.0.0.1:{port}/")
    server.close()


async def test_nobody_there_is_told_as_such(canary: Canary) -> None:
    rules, _ = allowing(canary)
    with pytest.raises(Unreachable, match="connect"):
        await send(rules, "http://127.0.0.2:1/")
    with pytest.raises(Unreachable, match="dns"):
        await send(WEBHOOKS, "https://nobody.example/", Names([]))


async def test_slow_name_servers_of_users_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    answered = threading.Event()

    def never(*_: object, **__: object) -> list[object]:
        answered.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", never)
    async with Egress(WEBHOOKS) as egress:
        tries = [
            asyncio.create_task(egress.send("POST", f"https://slow{n}.example.com/", seconds=30, max_bytes=1))
            for n in range(8)
        ]
        await asyncio.sleep(0.1)
        try:
            assert await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 10) == "done"
        finally:
            answered.set()
        ended = await asyncio.gather(*tries, return_exceptions=True)
    assert [getattr(one, "word", one) for one in ended] == ["dns"] * 8


async def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    tried: list[str] = []

    async def reply(request: httpx.Request) -> httpx.Response:
        tried.append(request.url.host)
        if len(tried) == 1:
            await asyncio.sleep(request.extensions["timeout"]["connect"])
            raise httpx.ConnectTimeout("nobody")
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    names = Names(["2606:4700:4700::1111", "93.184.216.34"])
    egress = Egress(WEBHOOKS, resolver=names, transport=httpx.MockTransport(reply))
    assert (await egress.send("POST", "https://two.example.com/", seconds=4, max_bytes=1)).status == 200
    assert tried == ["2606:4700:4700::1111", "93.184.216.34"]
