"""`sfd demo`: what it refuses before anything starts, and how it prints what it made."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import demo as command
from cli import demo_plan
from cli.demo_api import DemoApi, Json, News, Record, Step
from cli.demo_files import Collection
from cli.demo_house import Instance, reserve
from cli.demo_screen import Plain
from cli.demo_tally import Tally
from cli.main import build
from stack.layout import Layout


def run(**env: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(build(["demo"]), ["demo"], env={name: env.get(name) for name in NAMES} | env)
    return done.exit_code, done.stdout, done.stderr


NAMES = ("SFD_DEMO_PREMISE", "SFD_DEMO_EPISODES", "SFD_DEMO_PROVIDER", "SFD_DEMO_KEEP", "SFD_YES")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the `.env` or the instances of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SFD_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("value", ["0", "-1", "two", "1.5", "21", "99999999999999999999", "²", "1; ls", " 1"])
def test_a_wrong_number_of_episodes_is_code_2_and_named(value: str) -> None:
    code, out, err = run(SFD_DEMO_EPISODES=value)
    assert (code, out) == (2, "")
    assert "EPISODES must be a number from 1 to 20" in err
    assert not Path("home").exists()


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"SFD_DEMO_PROVIDER": "sora"}, "PROVIDER must be one of local, openai, gemini, not 'sora'"),
        ({"SFD_DEMO_PREMISE": "  \n"}, "PREMISE is empty"),
        ({"SFD_DEMO_PREMISE": "x" * 20_001}, "20000 are allowed"),
        ({"SFD_DEMO_KEEP": "yes"}, "KEEP must be 1 or 0"),
        ({"SFD_YES": "y"}, "YES must be 1 or 0"),
        ({"SFD_DEMO_PROVIDER": "openai"}, "needs OPENAI_API_KEY"),
        ({"SFD_DEMO_PROVIDER": "gemini"}, "needs GEMINI_API_KEY"),
        ({"SFD_DEMO_PROVIDER": "gemini", "GEMINI_API_KEY": "k", "SORA_API_BASE": "http://h"}, "needs SORA_API_KEY"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_starts(env: dict[str, str], said: str) -> None:
    code, out, err = run(**env)
    assert (code, out) == (2, "")
    assert said in err
    assert not Path("home").exists()


def test_a_key_in_env_file_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("OPENAI_API_KEY='sk-1'\n")

    def run_only(wish: command.Wish, name: str, keep: bool) -> int:
        assert dict(wish.cast) == {"writer": "openai", "painter": "openai", "filmer": "openai"}
        return 7

    monkeypatch.setattr(command, "_run", run_only)
    assert run(SFD_DEMO_PROVIDER="openai")[0] == 7


def test_gemini_films_with_the_house_unless_a_host_for_films_is_set_up() -> None:
    assert demo_plan.cast_of("gemini", {})["filmer"] == "local"
    assert demo_plan.cast_of("gemini", {"SORA_API_KEY": "k"})["filmer"] == "openai"


def test_words_of_every_script_reach_the_house_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    premise = "그녀가 말했다: \"$HOME `ls` 100% 'quoted'\" 雨\n and more"
    seen: list[str] = []

    def run_only(wish: command.Wish, name: str, keep: bool) -> int:
        seen.append(wish.premise)
        return 0

    monkeypatch.setattr(command, "_run", run_only)
    assert run(SFD_DEMO_PREMISE=premise)[0] == 0
    assert seen == [premise]


def test_two_demos_at_once_take_two_names() -> None:
    first, lock = reserve("demo")
    second, other = reserve("demo")
    assert (first.name, second.name) == ("demo", "demo-2")
    lock.close()
    assert reserve("demo")[0].name == "demo"
    other.close()


@pytest.fixture
def faked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A demo whose house, runs and files are given by the test."""
    given: dict[str, object] = {"records": [Record("succeeded")], "made": Collection()}

    @contextmanager
    def instance(layout: Layout, *_: object, **__: object) -> Iterator[Instance]:
        yield Instance("http://127.0.0.1:1", layout, {}, 0.0)

    def follow_all(*_: object) -> tuple[object, object]:
        return "drama_1", given["records"]

    def collect(api: DemoApi, drama: str, out: Path) -> object:
        return given["made"]

    monkeypatch.setattr(command, "instance", instance)
    monkeypatch.setattr(command, "_follow_all", follow_all)
    monkeypatch.setattr(command, "collect", collect)
    return given


def test_paths_come_one_a_line_and_are_never_wrapped(faked: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")
    paths = [Path("/very/long" * 12) / name for name in ("drama.json", "portraits/미나.png", "[red]x[/red].mp4")]
    faked["made"] = Collection(paths)
    code, out, err = run()
    assert code == 0
    assert out == "".join(f"{path}\n" for path in paths)
    assert "\x1b" not in out + err
    assert "make up" in err


def test_a_failed_step_is_told_with_its_reason_and_the_logs_and_is_no_success(faked: dict[str, object]) -> None:
    broken = Step("clip:ep01_s02", "video.clip", "failed", error="no film")
    faked["records"] = [Record("succeeded"), Record("failed", 0.0, (broken,))]
    faked["made"] = Collection([Path("/x/drama.json")], ["episode-01: was not made"])
    code, out, err = run()
    assert code == 1
    assert out == "/x/drama.json\n"
    assert "failed: clip:ep01_s02: no film" in err
    assert "failed: episode-01: was not made" in err
    assert "home/demo/logs" in err
    assert "make up" not in err


def test_a_missing_file_alone_is_no_success(faked: dict[str, object]) -> None:
    faked["made"] = Collection(problems=["cover: was not made"])
    assert run()[0] == 1


def test_a_price_without_a_yes_and_without_a_terminal_is_code_2(
    faked: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        demo_plan.Line("clips", "~4", "openai/x", 4_800_000_000),
        demo_plan.Line("draft", "1", "openai/y", 63_700_000),
    ]
    monkeypatch.setattr(demo_plan, "plan", lambda *_: lines)
    env = {"SFD_DEMO_PROVIDER": "openai", "OPENAI_API_KEY": "sk-1"}
    code, out, err = run(**env)
    assert (code, out) == (2, "")
    assert "$  4.8637" in err
    assert "YES=1" in err
    assert run(**env, SFD_YES="1")[0] == 0


def test_the_command_starts_without_what_it_only_needs_later() -> None:
    heavy = ("grpc", "av", "PIL", "numpy", "onnxruntime", "openai", "google.genai", "cli.demo_plan")
    script = f"import sys, json, cli.demo; print(json.dumps([m for m in {heavy!r} if m in sys.modules]))"
    root = Path(__file__).resolve().parents[3]
    env = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'gen'}"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert json.loads(done.stdout) == []


def test_a_paid_call_that_waits_is_told_once_with_its_price_and_the_line_that_settles_it() -> None:
    class Api(DemoApi):
        looks = 0

        def record(self, drama: str, job: str) -> Record:
            self.looks += 1
            waiting = Step("clip:1", "video.clip", "queued", held=True)
            return Record("running", 0.0, (waiting,)) if self.looks < 4 else Record("failed", 0.0, (), "given up")

        def held(self, drama: str) -> list[Json]:
            return [{"id": "s-1", "vendor": "openai", "model": "sim-video-1", "price_usd": 1.2}]

    class Silence(News):
        def wait(self, seconds: float) -> bool:
            return False

    out = io.StringIO()
    with Api("http://127.0.0.1:1") as api:
        silence = Silence(api.base, "d1")
        record = command._follow(api, Plain(out, Tally(1)), silence, "d1", "j1", "production")
    assert record.state == "failed"
    told = [line for line in out.getvalue().splitlines() if "waits for you" in line]
    assert len(told) == 1
    assert "openai/sim-video-1" in told[0]
    assert "$1.20" in told[0]
    assert "curl -X POST http://127.0.0.1:1/submissions/s-1/resolve" in told[0]
    assert "abandon" in told[0]
