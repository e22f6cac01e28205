"""The demo as a client of the REST API: plain HTTP, patient with a busy house, woken by the event stream."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import httpx

Json = dict[str, Any]
ENDED = ("succeeded", "failed", "cancelled")
_PATIENCE = 30.0
_SETTLE_S = 0.1  # events come in groups; one look serves them all


class DemoFailedError(RuntimeError):
    """The house refused or went away; the message says which."""


@dataclass(frozen=True)
class Step:
    """One job of a run: its kind, where it stands, and how far it is (0 to 1)."""

    step: str
    kind: str
    state: str
    progress: float = 0.0
    message: str = ""
    error: str = ""
    held: bool = False

    @property
    def ended(self) -> bool:
        """True once nothing will change any more."""
        return self.state in ENDED


@dataclass(frozen=True)
class Record:
    """A run as the client sees it."""

    state: str
    cost_usd: float = 0.0
    steps: tuple[Step, ...] = ()
    error: str = ""

    @property
    def ended(self) -> bool:
        """True once nothing will change any more."""
        return self.state in ENDED


def failures(records: list[Record]) -> list[str]:
    """Returns a line for each step that did not succeed in any of the runs, causes before consequences."""
    last = {step.step: step for record in records for step in record.steps}
    bad = [step for step in last.values() if step.state in ("failed", "cancelled")]
    lines = [f"{s.step}: {s.error or s.state}" for s in sorted(bad, key=lambda s: s.state == "cancelled")]
    return lines or [record.error or record.state for record in records if record.ended and record.state != "succeeded"]


class DemoApi:
    """A connection to one gateway."""

    def __init__(self, base: str) -> None:
        self.base = base
        # The gateway is a neighbour: a proxy for the outside world is not asked.
        self._http = httpx.Client(base_url=base, timeout=30, trust_env=False, follow_redirects=True)

    def __enter__(self) -> DemoApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create(self, premise: str, episodes: int, wish: Json) -> tuple[str, str]:
        """Returns the ids of the drama and of the job that writes it."""
        reply = self._call("POST", "/dramas", json={"premise": premise, "episodes": episodes, **wish})
        return reply["dramaId"], reply["jobId"]

    def put(self, drama: Json) -> None:
        """Stores a whole drama as it is."""
        self._call("POST", "/dramas", json={"drama": drama})

    def delete(self, drama: str) -> None:
        """Removes a drama."""
        self._call("DELETE", f"/dramas/{drama}")

    def execute(self, drama: str, wish: Json) -> str:
        """Returns the id of the production's job."""
        return str(self._call("POST", f"/dramas/{drama}/execute", json=wish)["parent_job_id"])

    def record(self, drama: str, job: str) -> Record:
        """Returns how a run stands."""
        found = self._call("GET", f"/dramas/{drama}/jobs/{job}")
        result = found.get("result") or {}
        steps = [
            Step(
                step=str(child.get("step", "")),
                kind=str(child.get("kind", "")),
                state=str(child.get("state", "")),
                progress=float(child.get("progress") or 0),
                message=str(child.get("progress_message") or ""),
                error=str(child.get("error") or ""),
                held=bool(child.get("held")),
            )
            for child in found.get("jobs") or result.get("jobs") or []
        ]
        cost = float(found.get("cost_usd") or 0)
        return Record(str(found["state"]), cost, tuple(steps), str(found.get("error") or ""))

    def held(self, drama: str) -> list[Json]:
        """Returns the paid calls that wait for a person."""
        return list(self._call("GET", f"/dramas/{drama}/submissions")["submissions"])

    def drama(self, drama: str) -> Json | None:
        """Returns the drama, or None when it was never written."""
        answer = self._send("GET", f"/dramas/{drama}")
        return None if answer.status_code == 404 else _body(answer, f"GET /dramas/{drama}")

    def download(self, url: str) -> bytes:
        """Returns the bytes behind a media URL. Raises `DemoFailedError`."""
        parts = urlsplit(url)
        # The house's own media is asked for at the house's own port, whatever public address its URLs bear.
        where = parts.path if parts.path.startswith("/media/") else url
        answer = self._send("GET", where)
        if answer.status_code >= 400:
            raise DemoFailedError(f"{url}: {answer.status_code} {_message(answer)}")
        return answer.content

    def _call(self, method: str, path: str, **options: Any) -> Json:
        return _body(self._send(method, path, **options), f"{method} {path}")

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Returns the answer; a house that is away or ails is asked again for half a minute."""
        deadline = time.monotonic() + _PATIENCE
        if method == "POST":
            # Asked again it is the same wish, not a second one.
            options["headers"] = {**options.get("headers", {}), "Idempotency-Key": uuid.uuid4().hex}
        while True:
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise DemoFailedError(f"The gateway does not answer ({type(error).__name__}).") from error
            else:
                if answer.status_code < 500 or time.monotonic() > deadline:
                    return answer
            time.sleep(0.3)


class News:
    """A context manager that follows a drama's events (SSE) in a thread, so that nobody has to ask all the time."""

    def __init__(self, base: str, drama: str) -> None:
        self._http = httpx.Client(base_url=base, timeout=httpx.Timeout(10, read=40), trust_env=False)
        self._path = f"/dramas/{drama}/events"
        self._news = threading.Event()
        self._closed = threading.Event()
        self._last = "0"
        self._thread = threading.Thread(target=self._follow, name="events", daemon=True)

    def __enter__(self) -> News:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()

    def wait(self, seconds: float) -> bool:
        """Waits for an event, at most `seconds`; returns whether there was one."""
        heard = self._news.wait(seconds)
        if heard:
            time.sleep(_SETTLE_S)
            self._news.clear()
        return heard

    def _follow(self) -> None:
        with self._http:
            while not self._closed.is_set():
                # The caller asks by itself every few seconds, so a broken stream costs freshness only.
                with contextlib.suppress(httpx.HTTPError):
                    self._listen()
                self._closed.wait(1.0)

    def _listen(self) -> None:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": self._last}
        with self._http.stream("GET", self._path, headers=headers) as stream:
            for line in stream.iter_lines():
                if self._closed.is_set():
                    return
                if line.startswith("id:"):
                    self._last = line.removeprefix("id:").strip()
                    self._news.set()


def _body(answer: httpx.Response, what: str) -> Json:
    if answer.status_code >= 400:
        raise DemoFailedError(f"{what}: {answer.status_code} {_message(answer)}")
    found: Json = answer.json()
    return found


def _message(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(body.get("message") or body.get("detail") or body)[:500]
