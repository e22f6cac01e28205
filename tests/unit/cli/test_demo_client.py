"""The demo as a client: patience, the event stream, and files that are looked at before they are told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.demo_api import DemoApi, DemoFailedError, News
from cli.demo_files import collect, wanted

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
NOT_A_FILM = b"\0\0\0\x18ftypisom" + b"\0" * 64


class Gateway:
    """A gateway of canned answers: `answers[path]` is a list of (status, body), the last one repeated."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, bytes]]] = {}
        self.asked: list[tuple[str, str, str]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gateway.asked.append((self.command, self.path, self.headers.get("Last-Event-ID", "")))
                left = gateway.answers.get(self.path, [(404, b"{}")])
                status, body = left.pop(0) if len(left) > 1 else left[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def say(self, path: str, body: Any, status: int = 200) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.setdefault(path, []).append((status, data))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def drama(**more: Any) -> dict[str, Any]:
    scene = {"id": "ep01_s01", "image_url": None, "video_url": None}
    episode = {"id": "ep01", "title": "The End / Start", "url": None, "scenes": [scene]}
    return {"characters": [], "url": None, "episodes": [episode], **more}


def test_names_tell_what_they_are_and_never_meet() -> None:
    people = [
        {"name": name, "url": "u"} for name in ("Mina", "Mina", "미나", "../../etc", "..", "Jean-Luc D'Arc", "雨" * 200)
    ]
    scenes = [{"id": "s1", "image_url": "i", "video_url": "v"}]
    episodes = [{"id": f"ep0{n}", "title": "Rain", "url": "e", "scenes": scenes} for n in (1, 2)]
    places = [one.place for one in wanted({"characters": people, "url": "c", "episodes": episodes})]
    assert places[:6] == [
        "portraits/Mina",
        "portraits/Mina-2",
        "portraits/미나",
        "portraits/etc",
        "portraits/unnamed",
        "portraits/Jean-Luc_D_Arc",
    ]
    assert len(places[6].encode()) < 250
    assert places[7:] == [
        "cover",
        "storyboards/ep01-s1",
        "storyboards/ep02-s1",
        "clips/ep01-s1",
        "clips/ep02-s1",
        "episode-01-Rain",
        "episode-02-Rain",
    ]


def test_what_is_missing_broken_or_something_else_is_told(gateway: Gateway, tmp_path: Path) -> None:
    told = drama(characters=[{"name": "Mina", "url": f"{gateway.url}/media/mina.png"}, {"name": "Tom", "url": None}])
    told["url"] = "http://public.example/media/cover.png"
    told["episodes"][0]["url"] = f"{gateway.url}/media/film.mp4"
    told["episodes"][0]["scenes"][0]["image_url"] = f"{gateway.url}/media/gone.png"
    told["episodes"][0]["scenes"][0]["video_url"] = f"{gateway.url}/media/picture.mp4"
    gateway.say("/dramas/d1", told)
    gateway.say("/media/mina.png", PNG)
    gateway.say("/media/cover.png", PNG)
    gateway.say("/media/picture.mp4", PNG)
    gateway.say("/media/film.mp4", NOT_A_FILM)
    with DemoApi(gateway.url) as api:
        made = collect(api, "d1", tmp_path)
    assert [str(p.relative_to(tmp_path)) for p in made.paths] == [
        "d1/drama.json",
        "d1/portraits/Mina.png",
        "d1/cover.png",
    ]
    assert all(path.is_absolute() and path.stat().st_size for path in made.paths)
    assert json.loads(made.paths[0].read_text()) == told
    problems = "\n".join(made.problems)
    assert "portraits/Tom: was not made" in problems
    assert "storyboards/ep01_s01: " in problems
    assert "404" in problems
    assert "clips/ep01_s01: is not what it should be (image/png" in problems
    assert "episode-01-The_End_Start.mp4: " in problems


def test_a_drama_that_was_never_written_has_no_files(gateway: Gateway, tmp_path: Path) -> None:
    with DemoApi(gateway.url) as api:
        made = collect(api, "d1", tmp_path)
    assert (made.paths, made.problems) == ([], ["the drama was not written"])


def test_a_house_that_ails_for_a_moment_is_asked_again(gateway: Gateway) -> None:
    gateway.say("/dramas/d1/jobs/j1", {"message": "away"}, 503)
    gateway.say("/dramas/d1/jobs/j1", {"state": "running", "cost_usd": 0.5, "jobs": [{"step": "cover", "held": True}]})
    with DemoApi(gateway.url) as api:
        record = api.record("d1", "j1")
    assert (record.state, record.cost_usd, record.steps[0].held) == ("running", 0.5, True)


def test_a_refusal_is_told_with_the_houses_own_words(gateway: Gateway) -> None:
    gateway.say("/dramas/d1/jobs/j1", {"message": "No such job.", "detail": {}}, 404)
    with DemoApi(gateway.url) as api, pytest.raises(DemoFailedError, match="404 No such job"):
        api.record("d1", "j1")


def test_news_wakes_at_once_and_goes_on_where_a_broken_stream_ended(gateway: Gateway) -> None:
    gateway.say("/dramas/d1/events", b": open\n\nid: 7\nevent: job.running\ndata: {}\n\nid: 9\nevent: x\ndata: {}\n\n")
    with News(gateway.url, "d1") as news:
        started = time.monotonic()
        assert news.wait(5)
        assert time.monotonic() - started < 1
        deadline = time.monotonic() + 5
        while len(gateway.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
    assert [last for _, _, last in gateway.asked[:2]] == ["0", "9"]


def test_silence_ends_after_the_wait(gateway: Gateway) -> None:
    gateway.say("/dramas/d1/events", b": open\n\n")
    with News(gateway.url, "d1") as news:
        assert not news.wait(0.2)
