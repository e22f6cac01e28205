"""A simulator for tests: a process on a free port, with its ledger and its switchboard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType

from simulator.jsons import Json, as_dict, as_list

_ROOT = Path(__file__).resolve().parent.parent


class RunningSimulator:
    """Context manager around `python -m simulator`. `folder` keeps the ledger; entering raises RuntimeError if it does not start.

    `latency` and `video_seconds` are seconds per text or picture and per film.
    """

    def __init__(
        self, folder: Path, *, latency: float = 0.0, video_seconds: float = 0.3, with_sora: bool = False, port: int = 0
    ) -> None:
        self.ledger_path = folder / "ledger.jsonl"
        self._folder = folder
        self._arguments = ["--latency", str(latency), "--video-seconds", str(video_seconds)] + [
            "--with-sora"
        ] * with_sora
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> RunningSimulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def openai_base(self) -> str:
        """`base_url` for OpenAI's SDK."""
        return f"{self.url}/openai/v1"

    @property
    def gemini_base(self) -> str:
        """`HttpOptions.base_url` for Google's SDK."""
        return f"{self.url}/gemini"

    def kinds_base(self, vendor: str) -> str:
        """Base URL of one of the five vendors of `kinds_face`."""
        return f"{self.url}/kinds/{vendor}/v1"

    def start(self) -> None:
        """Start the process, on the same port as before after a stop or a kill; wait until it listens (60 s at most)."""
        port_file = self._folder / "port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "simulator", "--ledger", str(self.ledger_path), "--port-file", str(port_file)]
        command += ["--port", str(self._port), *self._arguments]
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        # The interpreter that runs the test and paths that the test chose: nothing comes from outside.
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
        deadline = time.monotonic() + 60
        while not port_file.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError("the simulator did not start")
            time.sleep(0.02)
        self._port = int(port_file.read_text())

    def stop(self) -> int:
        """End the process with SIGTERM; return its exit code (-9 if it had to be killed)."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End the process with SIGKILL, as a crash does."""
        return self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def ledger(self) -> list[Json]:
        """Return the accepted calls as the file has them; works without a running process too."""
        if not self.ledger_path.exists():
            return []
        return [as_dict(json.loads(line)) for line in self.ledger_path.read_text().splitlines()]

    def fault(self, type: str, *, match: Json | None = None, **fields: object) -> None:
        """Switch a fault on for the calls that `match` (see the README); raise urllib.error.HTTPError if it is unknown."""
        self._call("POST", "/_sim/faults", {"match": match or {}, "fault": {"type": type, **fields}})

    def webhook(self, url: str, secret: str) -> None:
        """Have OpenAI's events sent to a URL of this machine, signed with `secret` (`whsec_...`), as its dashboard does."""
        self._call("PUT", "/_sim/webhook", {"url": url, "secret": secret})

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._call("DELETE", "/_sim/faults")

    def stats(self) -> Json:
        """Return the counters of requests, acceptances and concurrency."""
        return as_dict(self._call("GET", "/_sim/stats"))

    def faults(self) -> list[Json]:
        """Return the rules that are switched on and how often they were used."""
        return [as_dict(r) for r in as_list(as_dict(self._call("GET", "/_sim/faults")).get("rules"))]

    def reset(self) -> None:
        """Forget faults, jobs, counters and the ledger."""
        self._call("POST", "/_sim/reset")

    def _call(self, method: str, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"content-type": "application/json"}, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - always our own loopback address
            text = answer.read()
        return json.loads(text) if text else None
