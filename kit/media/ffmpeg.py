"""Running ffmpeg: one place that finds it, bounds it in time, and turns its complaints into an error worth reading."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO

LOG_TAIL = 12
"""Lines of ffmpeg's log that an error carries."""

_QUIET = ("-nostdin", "-hide_banner", "-loglevel", "info", "-nostats")
_TIME = re.compile(rb"out_time_us=(\d+)")


class MediaError(Exception):
    """Media work failed: the message says what and, where a tool failed, ends with the tail of its log."""


@lru_cache(maxsize=1)
def _bundled() -> str | None:
    # The package's own lookup may warn or search the system; the file beside it is all that is wanted.
    spec = find_spec("imageio_ffmpeg")
    if spec is None or spec.origin is None:
        return None
    found = sorted((Path(spec.origin).parent / "binaries").glob("ffmpeg-*"))
    return str(found[0]) if found else None


def ffmpeg_path() -> str:
    """The ffmpeg to run: `FFMPEG` of the environment, else the one imageio-ffmpeg brings, else the one on the PATH.

    Raises MediaError when there is none.
    """
    path = os.environ.get("FFMPEG") or _bundled() or shutil.which("ffmpeg")
    if not path:
        raise MediaError("there is no ffmpeg: install the extra `local` or set FFMPEG")
    return path


def source(path: Path | str, *options: str) -> list[str]:
    """Arguments that open a local file as input and nothing else, whatever the file says inside."""
    return [*options, "-protocol_whitelist", "file,pipe", "-i", str(path)]


def _tail(log: IO[bytes]) -> str:
    log.seek(0, os.SEEK_END)
    log.seek(max(0, log.tell() - 16_384))
    lines = log.read().decode("utf-8", "replace").splitlines()
    return "\n".join(line for line in lines[-LOG_TAIL:] if line.strip())


def _log_of(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode("utf-8", "replace")


def run(args: Sequence[str], *, timeout: float, progress: Callable[[float], None] | None = None) -> str:
    """Run ffmpeg with `args` and return its log (where filters print what they measured).

    `progress` is called with the seconds of output made so far. Raises MediaError with the log's tail when ffmpeg fails or is not done
    within `timeout` seconds; it is killed then.
    """
    command = [ffmpeg_path(), *_QUIET, "-progress", "pipe:1", *args]
    with tempfile.TemporaryFile() as log:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log) as process:  # noqa: S603
            watchdog = threading.Timer(timeout, process.kill)
            watchdog.daemon = True
            watchdog.start()
            try:
                for line in process.stdout or ():
                    match = _TIME.match(line)
                    if match and progress is not None:
                        progress(int(match[1]) / 1e6)
                process.wait()
            except BaseException:
                process.kill()
                raise
            finally:
                timed_out = not watchdog.is_alive()
                watchdog.cancel()
        if process.returncode == 0:
            return _log_of(log)
        if timed_out:
            raise MediaError(f"ffmpeg was not done after {timeout:.0f} s\n{_tail(log)}")
        raise MediaError(f"ffmpeg ended with code {process.returncode}\n{_tail(log)}")


@contextlib.contextmanager
def feed(args: Sequence[str], *, timeout: float) -> Iterator[Callable[[memoryview], None]]:
    """Run ffmpeg with `args`, giving a function that writes to its standard input; leaving the block waits for its end.

    Raises MediaError with the log's tail when ffmpeg fails, closes its input early, or is not done within `timeout` seconds.
    """
    command = [ffmpeg_path(), *(a for a in _QUIET if a != "-nostdin"), *args]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=log, bufsize=0
        )
        watchdog = threading.Timer(timeout, process.kill)
        watchdog.daemon = True
        watchdog.start()
        broken = False
        with process:
            pipe = process.stdin
            if pipe is None:  # never so with PIPE; it tells the type checker
                raise MediaError("ffmpeg has no input")
            _widen(pipe)
            try:
                yield partial(_write, pipe)
            except BrokenPipeError:
                broken = True
            except BaseException:
                process.kill()
                raise
            finally:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
                process.wait()
                timed_out = not watchdog.is_alive()
                watchdog.cancel()
        if process.returncode != 0 or broken:
            what = f"was not done after {timeout:.0f} s" if timed_out else f"ended with code {process.returncode}"
            raise MediaError(f"ffmpeg {what}\n{_tail(log)}")


def _widen(pipe: IO[bytes]) -> None:
    """Let the pipe hold a third of a frame instead of 64 KiB, where the system can: fewer switches between the two processes."""
    with contextlib.suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)


def _write(pipe: IO[bytes], data: memoryview) -> None:
    rest = data
    while rest:
        rest = rest[pipe.write(rest) :]
