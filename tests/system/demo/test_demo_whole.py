"""The demo as a person runs it: a process, an instance of its own, files at the end, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kit.testing.processes import ROOT
from simulator.testing import RunningSimulator
from stack import client
from stack.layout import Layout

pytestmark = pytest.mark.system


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for name in ("demo", "dev"):
        client.down(Layout(tmp_path, name))


def start(home: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    usual = {k: v for k, v in os.environ.items() if not k.startswith("SFD_")}
    search = f"{ROOT}{os.pathsep}{ROOT / 'gen'}"
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *(words or ["demo"])],
        env={**usual, "SFD_HOME": str(home), "PYTHONPATH": search, "COLUMNS": "40", **env},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen[str], seconds: float) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        pytest.fail(f"it takes too long:\n{out}\n{err}")
    return process.returncode, out, err


def left_behind(home: Path) -> list[str]:
    """Command lines of processes that have to do with a home."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        words, env = process.info["cmdline"] or [], process.info["environ"] or {}
        if process.pid != os.getpid() and (str(home) in " ".join(words) or env.get("SFD_HOME") == str(home)):
            found.append(" ".join(words)[:200])
    return found


@pytest.mark.parametrize(("after", "number"), [(0.8, signal.SIGINT), (2.5, signal.SIGTERM)])
def test_ctrl_c_while_it_starts_leaves_nothing_behind(home: Path, after: float, number: int) -> None:
    demo = start(home)
    time.sleep(after)
    demo.send_signal(number)
    code, out, err = finish(demo, 30)
    assert (code, out) == (130, ""), err
    assert "Stopped." in err
    assert left_behind(home) == []
    assert client.status(Layout(home, "demo")) is None


@pytest.mark.slow
def test_a_vendors_demo_makes_every_file_tells_the_cost_and_stops(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with RunningSimulator(tmp_path_factory.mktemp("vendor"), latency=0.02, video_seconds=0.3) as vendor:
        env = {
            "OPENAI_API_BASE": vendor.openai_base,
            "OPENAI_API_KEY": "sk-test-key-of-the-simulator",
            "SFD_DEMO_PROVIDER": "openai",
            "SFD_DEMO_PREMISE": 'A lighthouse keeper named Mara says: "$HOME isn\'t `here`".',
        }
        code, out, err = finish(start(home, **env), 90)
        assert (code, out) == (2, ""), err
        assert "openai/sim-video-1" in err
        assert "YES=1" in err
        assert vendor.ledger() == [], "nothing is bought without a yes"

        code, out, err = finish(start(home, **env, SFD_YES="1"), 120)
        assert code == 0, err
        kinds = [entry["kind"] for entry in vendor.ledger()]
    paths = [Path(line) for line in out.splitlines()]
    assert all(path.is_absolute() and path.stat().st_size for path in paths)
    assert len(set(paths)) == len(paths)
    folder = paths[0].parent
    assert paths[0].name == "drama.json"
    assert folder.parent == home / "demo" / "out"
    names = [str(path.relative_to(folder)) for path in paths]
    films = sum(name.startswith("clips/") for name in names)
    assert kinds.count("video") == films > 2
    assert kinds.count("image") == sum(name.startswith(("portraits/", "storyboards/", "cover")) for name in names)
    assert sum(name.startswith("episode-01-") and name.endswith(".mp4") for name in names) == 1
    assert "\x1b" not in err
    assert "first picture after" in err
    assert "$0.00" not in err.splitlines()[-3]
    assert client.status(Layout(home, "demo")) is None
    assert left_behind(home) == []


@pytest.mark.slow
def test_seed_fills_a_running_stack_and_leaves_what_is_there(home: Path) -> None:
    code, _, err = finish(start(home, "seed"), 20)
    assert code == 1
    assert "sfd up" in err
    code, _, err = finish(start(home, "up"), 90)
    assert code == 0, err
    code, out, err = finish(start(home, "seed"), 30)
    assert code == 0, err
    assert len(out.splitlines()) >= 3
    assert all(line.startswith("stored ") for line in out.splitlines())
    code, again, _ = finish(start(home, "seed"), 30)
    assert code == 0
    assert again == out.replace("stored  ", "is there")
