"""Looking for what would keep SFD from running on this machine, each finding with the line that mends it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stack import allocation, binaries, env_file, ports, process
from stack.layout import Layout
from stack.procs import MIB
from stack.programs import DEFAULT_PORTS

MIN_PYTHON = (3, 11)
MIN_DISK_MIB = 1024
MIN_MEMORY_MIB = 2048
MIN_OPEN_FILES = 1024


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, or with `mend`, the line that mends it. Only a `needed` one keeps SFD from running."""

    what: str
    fine: bool
    detail: str
    mend: str = ""
    needed: bool = True


def examine(layout: Layout, directory: Path) -> Iterator[Finding]:
    """Look at everything; yields each finding as it is made."""
    yield _python()
    yield from _programs()
    yield _root()
    yield _disk(layout)
    yield _memory()
    yield _open_files()
    yield _ports(layout)
    yield _ffmpeg()
    yield _secrets(directory)


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    venv = sys.prefix != sys.base_prefix
    fine = sys.version_info >= MIN_PYTHON and venv
    return Finding("Python", fine, f"{version} in {sys.prefix}", "install Python 3.11 or newer, then `make setup`")


def _programs() -> Iterator[Finding]:
    look: dict[str, Callable[[], Path]] = {
        "PostgreSQL": lambda: binaries.postgres_bin() / "postgres",
        "NATS": binaries.nats_server,
        "SeaweedFS": binaries.weed,
    }
    for name, find in look.items():
        try:
            path = find()
            done = subprocess.run(
                [path, "version" if name == "SeaweedFS" else "--version"], capture_output=True, text=True, check=False
            )
        except (binaries.MissingProgramError, OSError) as error:
            yield Finding(name, False, str(error), "make setup")
            continue
        words = (done.stdout or done.stderr).strip().splitlines()
        yield Finding(name, done.returncode == 0, words[0] if words else "no answer", "make setup")


def _root() -> Finding:
    identity = process.postgres_identity()
    detail = {"self": "ordinary user", "userns": "PostgreSQL runs in a user namespace of its own"}.get(
        identity, "root, no user namespaces: PostgreSQL runs as nobody, which must be able to reach this folder"
    )
    fine = not identity.startswith("user:") or _reachable(Path(sys.prefix))
    return Finding("user", fine, detail, "run as an ordinary user: PostgreSQL refuses root")


def _reachable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _disk(layout: Layout) -> Finding:
    place = next(path for path in (layout.root, *layout.root.parents) if path.exists())
    free = shutil.disk_usage(place).free // MIB
    writable = os.access(place, os.W_OK)
    detail = f"{free} MB free in {place}" + ("" if writable else ", not writable")
    return Finding("disk", free >= MIN_DISK_MIB and writable, detail, "free 1 GB, or set SFD_HOME to a roomier place")


def _memory() -> Finding:
    lines = Path("/proc/meminfo").read_text().splitlines()
    table = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines}
    free = table.get("MemAvailable", 0)
    return Finding(
        "memory", free >= MIN_MEMORY_MIB, f"{free} MB available", "close other programs: 2 GB are wanted", False
    )


def _open_files() -> Finding:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    fine = soft == resource.RLIM_INFINITY or soft >= MIN_OPEN_FILES
    return Finding("open files", fine, f"limit {soft} (hard {hard})", f"ulimit -n {MIN_OPEN_FILES}", False)


def _ports(layout: Layout) -> Finding:
    if allocation.supervisor_pid(layout):
        table = allocation.read_ports(layout)
        return Finding("ports", True, f"{layout.name} is running on {table.get('gateway')}", needed=False)
    taken = [f"{port} ({name})" for name, port in DEFAULT_PORTS.items() if not ports.is_free(port)]
    detail = f"taken: {', '.join(taken)}" if taken else "the usual ones are free"
    return Finding("ports", not taken, detail, "nothing to do: the next free ones are used", needed=False)


def _ffmpeg() -> Finding:
    try:
        import imageio_ffmpeg

        path: str = imageio_ffmpeg.get_ffmpeg_exe()
        done = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    except (ImportError, RuntimeError, OSError) as error:
        return Finding("ffmpeg", False, str(error), "make setup")
    return Finding("ffmpeg", done.returncode == 0, done.stdout.split(" Copyright")[0][:80], "make setup")


def _secrets(directory: Path) -> Finding:
    path = directory / ".env"
    missing = [name for name in env_file.GENERATED if not (os.environ.get(name) or env_file.read(path).get(name))]
    if missing:
        return Finding(
            ".env", False, f"without {', '.join(missing)}", "`sfd up` or `make setup` adds them", needed=False
        )
    private = not path.exists() or not path.stat().st_mode & 0o077
    return Finding(".env", private, "has its secrets" if private else "readable by others", f"chmod 600 {path}", False)
