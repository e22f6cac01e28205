"""The demo as a client of the REST API: plain HTTP, patient with a busy house."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx

Json = dict[str, Any]
_PATIENCE = 30.0


class DemoFailedError(RuntimeError):
    """The house refused or went away; the message says which."""


@dataclass(frozen=True)
class Step:
    """One job of a run: its kind, where it stands, and how far it is (0 to 1)."""

    step: str
    kind: str
    state: str
    progress: float
    message: str
    error: str


@dataclass(frozen=True)
class Record:
    """A run as the client sees it."""

    state: str
    cost_usd: float
    steps: tuple[Step, ...] = field(default_factory=tuple)
    error: str = ""

    @property
    def ended(self) -> bool:
        """True once nothing will change any more."""
        return self.state in ("succeeded", "failed", "cancelled")

    @property
    def failures(self) -> list[str]:
        """One line for each step that failed."""
        bad = [f"{s.step}: {s.error or s.state}" for s in self.steps if s.state in ("failed", "cancelled")]
        return bad or ([self.error] if self.state == "failed" else [])


class DemoApi:
    """A connection to one gateway."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._http = httpx.Client(base_url=base, timeout=30)

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

    def execute(self, drama: str, wish: Json) -> str:
        """Returns the id of the production's job."""
        return str(self._call("POST", f"/dramas/{drama}/execute", json=wish)["parent_job_id"])

    def record(self, drama: str, job: str) -> Record:
        """Returns how a run stands; waits up to a second for news."""
        found = self._call("GET", f"/dramas/{drama}/jobs/{job}", headers={"Prefer": "wait=1"})
        result = found.get("result") or {}
        steps = [
            Step(
                step=str(child.get("step", "")),
                kind=str(child.get("kind", "")),
                state=str(child.get("state", "")),
                progress=float(child.get("progress") or 0),
                message=str(child.get("progress_message") or ""),
                error=str(child.get("error") or ""),
            )
            for child in found.get("jobs") or result.get("jobs") or []
        ]
        return Record(
            str(found["state"]), float(found.get("cost_usd") or 0), tuple(steps), str(found.get("error") or "")
        )

    def held(self, drama: str) -> list[Json]:
        """Returns the paid calls that wait for a person."""
        return list(self._call("GET", f"/dramas/{drama}/submissions")["submissions"])

    def drama(self, drama: str) -> Json:
        """Returns the drama."""
        return self._call("GET", f"/dramas/{drama}")

    def download(self, url: str) -> bytes:
        """Returns the bytes behind a media URL."""
        answer = self._http.get(url)
        answer.raise_for_status()
        return answer.content

    def _call(self, method: str, path: str, **options: Any) -> Json:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if time.monotonic() > deadline:
                    raise DemoFailedError(f"The gateway does not answer ({type(error).__name__}).") from error
            else:
                if answer.status_code < 400:
                    found: Json = answer.json()
                    return found
                if answer.status_code < 500 or time.monotonic() > deadline:
                    raise DemoFailedError(f"{method} {path}: {answer.status_code} {_message(answer)}")
            time.sleep(0.3)


def _message(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(body.get("message") or body.get("detail") or body)[:500]
