"""`sfd demo`: an instance of its own, one premise through the REST API, live progress, and the files of the finished drama.

`make demo` passes its words through the environment, so that quotes, `$` and every script of the world stay what they are.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import typer

from cli import common
from cli.demo_api import DemoApi, DemoFailedError, Record
from cli.demo_files import collect
from cli.demo_plan import agree
from cli.demo_screen import Screen, screen_for
from stack import client
from stack.options import Options

NAME = "demo"
PREMISE = (
    "A night-shift nurse in Busan finds her missing sister among the passengers of a ferry that sank ten years ago."
)
PROVIDERS = ("local", "openai", "gemini")
MAX_EPISODES = 20
_PASSED = (
    "OPENAI_API_KEY",
    "OPENAI_API_BASE",
    "GPT_MODEL",
    "GEMINI_API_KEY",
    "GEMINI_API_BASE",
    "GEMINI_DRAMA_MODEL",
    "SORA_API_KEY",
    "SORA_API_BASE",
    "NANO_BANANA_API_KEY",
    "NANO_BANANA_API_BASE",
    "SFD_TRACE_FILE",
)


def demo(
    premise: str = typer.Option(PREMISE, envvar="SFD_DEMO_PREMISE", help="The sentence."),
    episodes: str = typer.Option("1", envvar="SFD_DEMO_EPISODES", help="How many episodes, 1 to 20."),
    provider: str = typer.Option("local", envvar="SFD_DEMO_PROVIDER", help="local, openai or gemini."),
    keep: str = typer.Option("", envvar="SFD_DEMO_KEEP", help="1 leaves the instance running."),
    yes: str = typer.Option("", envvar="SFD_YES", help="1 answers the question about the price."),
    name: str = typer.Option(NAME, help="The instance."),
) -> None:
    """Make a drama from one sentence and print the paths of its files."""
    count = _number(episodes)
    if provider not in PROVIDERS:
        _usage(f"PROVIDER must be one of {', '.join(PROVIDERS)}, not {provider!r}.")
    if not premise.strip():
        _usage("PREMISE is empty.")
    settings = {word: os.environ[word] for word in _PASSED if os.environ.get(word)}
    options = Options(name, common.layout(name).home, Path.cwd(), settings, False, False)
    if provider != "local":
        agree(provider, count, yes == "1")
    started = time.monotonic()
    common.say(f"Starting an instance of its own ({name}) ...")
    try:
        reply = client.up(options)
    except (client.StackFailedError, client.RunningError) as error:
        common.fail(str(error))
    base = f"http://127.0.0.1:{common.ports(reply)['gateway']}"
    common.say(f"  up after {time.monotonic() - started:.1f} s: {base}")
    code = 1
    try:
        code = _make(base, premise, count, provider, common.layout(name).home / name / "out", common.layout(name).logs)
    except KeyboardInterrupt:
        common.say("Stopped.")
        code = 130
    except DemoFailedError as error:
        common.say(str(error))
    finally:
        if keep == "1":
            common.say(f"The instance still runs: {base} (docs: {base}/docs). `sfd down --name {name}` stops it.")
        else:
            client.down(common.layout(name))
    if not code:
        common.say(
            'Go on with `make up`, then open http://127.0.0.1:8000/docs. Another one: make demo PREMISE="..." EPISODES=2'
        )
    raise typer.Exit(code)


def _make(base: str, premise: str, episodes: int, provider: str, out: Path, logs: Path) -> int:
    """Makes one drama, shows it, fetches its files and prints their paths; returns the exit code."""
    wish: dict[str, object] = {} if provider == "local" else {"provider": provider}
    with DemoApi(base) as api, screen_for(sys.stderr) as screen:
        drama, job = api.create(premise, episodes, wish)
        created = _follow(api, screen, drama, job, "creation")
        production = created
        if created.state == "succeeded":
            production = _follow(api, screen, drama, api.execute(drama, wish), "production")
        screen.finish()
        paths = collect(api, drama, out)
        failed = [*created.failures, *(production.failures if production is not created else [])]
    for path in paths:
        # One absolute path a line, whatever the terminal: no wrapping, no colour.
        sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    for line in failed:
        common.say(f"failed: {line}")
    if failed or production.state != "succeeded":
        common.say(f"Not everything was made. The logs are in {logs}")
        return 1
    return 0


def _follow(api: DemoApi, screen: Screen, drama: str, job: str, phase: str) -> Record:
    """Shows a run until it has ended."""
    screen.begin(phase)
    while True:
        record = api.record(drama, job)
        screen.show(record)
        if record.ended:
            return record
        for held in api.held(drama):
            screen.note(
                f"A paid call of unknown outcome waits (${held['price_usd']:.2f}): "
                f'curl -X POST {api.base}/submissions/{held["id"]}/resolve -d \'{{"resolution":"resubmit"}}\' '
                "-H 'content-type: application/json'"
            )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_EPISODES:
        _usage(f"EPISODES must be a number from 1 to {MAX_EPISODES}, not {text!r}.")
    return int(text)


def _usage(text: str) -> None:
    common.say(text)
    raise typer.Exit(2)
