"""The five vendors: what each does with a key, its list and its callbacks, and how often the ledger has a call."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from simulator.kinds_face.callbacks import SIGNATURE, sign
from simulator.kinds_face.kinds import KINDS, PER_SECOND
from simulator.testing import RunningSimulator

KEY = "k-of-the-tests"
FILM: dict[str, Any] = {"prompt": "a lamp", "seconds": 3, "work_seconds": 0.0}
Vendor = Callable[[str], httpx.Client]


@pytest.fixture
def at(sim: RunningSimulator) -> Iterator[Vendor]:
    opened: list[httpx.Client] = []

    def client(vendor: str) -> httpx.Client:
        made = httpx.Client(base_url=sim.kinds_base(vendor), headers={"authorization": f"Bearer {KEY}"}, timeout=10)
        opened.append(made)
        return made

    yield client
    for one in opened:
        one.close()


@pytest.fixture
def ear() -> Iterator[tuple[str, list[tuple[float, str, bytes]]]]:
    """A receiver's URL and what it hears: when, the signature, the body."""
    heard: list[tuple[float, str, bytes]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append((time.time(), self.headers[SIGNATURE], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/attempt-1", heard
    server.shutdown()
    server.server_close()


def wait_for(heard: list[Any], count: int) -> None:
    deadline = time.monotonic() + 10
    while len(heard) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    assert len(heard) == count


@pytest.mark.parametrize("vendor", KINDS)
def test_a_film_is_made_billed_and_fetched(at: Vendor, sim: RunningSimulator, vendor: str) -> None:
    client = at(vendor)
    made = client.post("/jobs", json=FILM, headers={"x-sfd-submission": "s-1"})
    found = client.get(f"/jobs/{made.json()['id']}").json()
    film = client.get(f"/jobs/{found['id']}/content")
    (entry,) = sim.ledger()
    assert (made.status_code, found["status"], film.headers["content-type"]) == (201, "completed", "video/mp4")
    assert film.content[4:8] == b"ftyp"
    assert (entry["vendor"], entry["submission"], entry["operation"]) == (vendor, "s-1", found["id"])
    assert entry["price_nano_usd"] == found["price_nano_usd"] == 3 * PER_SECOND
    # A stranger, and the same key at another vendor, see nothing of it.
    assert client.get(f"/jobs/{found['id']}", headers={"authorization": "Bearer other-key"}).status_code == 404
    other = "reject" if vendor == "replay" else "replay"
    assert at(other).get(f"/jobs/{found['id']}").status_code == 404


@pytest.mark.parametrize(("vendor", "entries"), [("replay", 1), ("reject", 1), ("none_list", 8), ("none_blind", 8)])
def test_a_used_key(at: Vendor, sim: RunningSimulator, vendor: str, entries: int) -> None:
    """Also when all come at the same moment."""
    client = at(vendor)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.post("/jobs", json=FILM, headers={"idempotency-key": "one"}), range(8))
        )
    assert len(sim.ledger()) == entries
    first = str(sim.ledger()[0]["operation"])
    if vendor == "replay":
        assert {(a.status_code, a.json()["id"]) for a in answers} == {(201, first)}
    if vendor == "reject":
        refused = [a.json()["error"] for a in answers if a.status_code == 422]
        assert {(e["code"], e["first"]) for e in refused} == {("key_used", first)}
        assert len(refused) == 7


def test_only_one_vendor_lists_by_time_and_reference(at: Vendor) -> None:
    client = at("none_list")
    before = time.time() - 1
    ids = [client.post("/jobs", json={**FILM, "metadata": {"reference": f"r-{n}"}}).json()["id"] for n in range(3)]
    listed = client.get("/jobs", params={"created_after": str(before)}).json()["data"]
    assert [job["id"] for job in listed] == ids[::-1]
    (mine,) = client.get("/jobs", params={"reference": "r-1"}).json()["data"]
    assert (mine["id"], mine["metadata"]) == (ids[1], {"reference": "r-1"})
    assert client.get("/jobs", params={"created_after": str(time.time() + 9)}).json()["data"] == []
    assert {at(other).get("/jobs").status_code for other in KINDS if other != "none_list"} == {404}


def test_a_callback_is_signed_and_comes_when_the_film_is_done(
    at: Vendor, ear: tuple[str, list[tuple[float, str, bytes]]]
) -> None:
    url, heard = ear
    asked = time.time()
    made = at("none_webhook").post("/jobs", json={**FILM, "work_seconds": 0.4, "callback_url": url}).json()
    wait_for(heard, 1)
    at_, signature, body = heard[0]
    assert at_ - asked >= 0.4
    assert signature == sign(KEY, body)
    assert json.loads(body) == {"id": made["id"], "status": "completed", "reference": ""}


def test_callbacks_that_come_early_or_three_times(
    at: Vendor, sim: RunningSimulator, ear: tuple[str, list[tuple[float, str, bytes]]]
) -> None:
    url, heard = ear
    client = at("none_webhook")
    sim.fault("early_webhook", match={"vendor": "none_webhook"})
    client.post("/jobs", json={**FILM, "work_seconds": 30.0, "callback_url": url})
    assert [json.loads(body)["status"] for _, _, body in heard] == ["queued"], "it was heard before the answer"
    sim.fault("duplicate_webhook", match={"vendor": "none_webhook"})
    client.post("/jobs", json={**FILM, "callback_url": url})
    wait_for(heard, 4)
    assert len({body for _, _, body in heard[1:]}) == 1


@pytest.mark.parametrize(
    ("vendor", "body", "code"),
    [
        ("none_blind", {"seconds": 3}, "bad_prompt"),
        ("none_blind", {"prompt": "x", "seconds": 61}, "bad_seconds"),
        ("none_webhook", {**FILM, "callback_url": "http://198.51.100.7/x"}, "bad_callback"),
        ("none_blind", {**FILM, "callback_url": "http://127.0.0.1:1/x"}, "bad_callback"),
    ],
)
def test_a_bad_request_is_not_billed(
    at: Vendor, sim: RunningSimulator, vendor: str, body: dict[str, Any], code: str
) -> None:
    answer = at(vendor).post("/jobs", json=body)
    assert (answer.status_code, answer.json()["error"]["code"], sim.ledger()) == (400, code, [])


def test_faults_of_a_poll_and_of_the_content(at: Vendor, sim: RunningSimulator) -> None:
    client = at("replay")
    sim.fault("expired_content", match={"vendor": "replay"}, status=410)
    job = client.post("/jobs", json=FILM).json()["id"]
    sim.fault("looks_failed", match={"vendor": "replay", "op": "read"})
    seen = client.get(f"/jobs/{job}").json()
    assert (seen["status"], seen["error"]["final"]) == ("error", False)
    assert client.get(f"/jobs/{job}").json()["status"] == "completed"
    assert [client.get(f"/jobs/{job}/content").status_code for _ in range(2)] == [410, 410]


def test_jobs_and_keys_outlive_a_kill(at: Vendor, sim: RunningSimulator) -> None:
    first = at("replay").post("/jobs", json=FILM, headers={"idempotency-key": "kept"}).json()["id"]
    sim.kill()
    sim.start()
    again = at("replay").post("/jobs", json=FILM, headers={"idempotency-key": "kept"}).json()["id"]
    assert (again, len(sim.ledger())) == (first, 1)
