"""`sfd demo`: an instance of its own, one premise through the REST API, live progress, and the files of the finished drama.

`make demo` passes its words through the environment, so that quotes, `$` and every script of the world stay what they are.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer

from cli import common
from cli.demo_api import DemoApi, DemoFailedError, Json, News, Record, failures
from cli.demo_files import collect
from cli.demo_house import BusyError, Instance, instance, interruptible, reserve, settings
from cli.demo_screen import Screen, screen_for
from kit.errors import SfdError
from kit.telemetry import configure_tracing, span
from stack import client

NAME = "demo"
PREMISE = (
    "A night-shift nurse in Busan finds her missing sister among the passengers of a ferry that sank ten years ago."
)
PROVIDERS = ("local", "openai", "gemini")
MAX_EPISODES, MAX_PREMISE = 20, 20_000
LOOK_EVERY_S = 2.0
"""The record is looked at this often even when the event stream says nothing."""
INTERRUPTED = 128 + signal.SIGINT


@dataclass(frozen=True)
class Wish:
    """What was asked for; `cast` is empty for the house's own makers."""

    premise: str
    episodes: int
    provider: str
    cast: Mapping[str, str]
    yes: bool


def demo(
    premise: str = typer.Option(PREMISE, envvar="SFD_DEMO_PREMISE", help="The sentence."),
    episodes: str = typer.Option("1", envvar="SFD_DEMO_EPISODES", help=f"How many episodes, 1 to {MAX_EPISODES}."),
    provider: str = typer.Option("local", envvar="SFD_DEMO_PROVIDER", help="local, openai or gemini."),
    keep: str = typer.Option("", envvar="SFD_DEMO_KEEP", help="1 leaves the instance running."),
    yes: str = typer.Option("", envvar="SFD_YES", help="1 agrees to the price."),
    name: str = typer.Option(NAME, help="The instance; the next free name is taken while another demo uses it."),
) -> None:
    """Make a drama from one sentence and print the paths of its files."""
    wish = _checked(premise, episodes, provider, _switch("YES", yes))
    stay = _switch("KEEP", keep)
    try:
        with interruptible():
            code = _run(wish, name, stay)
    except KeyboardInterrupt:
        common.say("Stopped.")
        code = INTERRUPTED
    except BusyError as error:
        common.fail(str(error))
    raise typer.Exit(code)


def _run(wish: Wish, name: str, keep: bool) -> int:
    """Returns the exit code; nothing of the instance is left running, unless `keep`."""
    layout, lock = reserve(name)
    logs, url = common.relative(layout.logs), ""
    with lock:
        common.say(f"Starting an instance of its own ({layout.name}) ...")
        try:
            with instance(layout, Path.cwd(), keep=keep, fresh=wish.provider != "local") as house:
                common.say(f"  up after {house.seconds:.1f} s: {house.base}   (docs: {house.base}/docs)")
                url = house.base
                code = _make(house, wish)
        except (client.StackFailedError, client.RunningError, DemoFailedError, SfdError) as error:
            common.say(f"{error}\nThe logs are in {logs}")
            code = 1
        if keep and client.is_locked(layout):
            common.say(
                f"The instance still runs: {url}/docs   (logs in {logs})\nIt stops with `sfd down --name {layout.name}`."
            )
    if not code:
        common.say(
            "\nGo on: `make up` starts your own SFD (docs: http://127.0.0.1:8000/docs), "
            '`make demo PREMISE="..." EPISODES=2` makes another drama.'
        )
    return code


def _make(house: Instance, wish: Wish) -> int:
    """Makes one drama, shows it, fetches its files and prints their paths; returns the exit code."""
    begun = time.monotonic()
    with DemoApi(house.base) as api:
        body, ceiling = _agreed(api, house, wish)
        configure_tracing("demo", house.env.get("SFD_TRACE_FILE", ""))
        with screen_for(sys.stderr, wish.episodes) as screen:
            drama, records = _follow_all(api, screen, wish, body, ceiling)
            screen.finish()
        made = collect(api, drama, house.layout.root / "out")
    for path in made.paths:
        # One absolute path a line, whatever the terminal: no wrapping, no colour.
        sys.stdout.write(f"{path}\n")
    sys.stdout.flush()
    for line in made.episodes:
        common.say(line)
    bad = failures(records)
    common.say(f"{len(made.paths)} files after {time.monotonic() - begun:.1f} s, ${screen.tally.cost:.2f}")
    for line in bad + made.problems:
        common.say(f"failed: {line}")
    if bad or made.problems:
        common.say(f"Not everything was made. The logs are in {common.relative(house.layout.logs)}")
        return 1
    return 0


def _agreed(api: DemoApi, house: Instance, wish: Wish) -> tuple[Json, Json]:
    """Returns what the two wishes say of the makers and of the price; asks first when somebody has to be paid."""
    if not wish.cast:
        return {}, {}
    from cli import demo_plan

    lines = demo_plan.plan(api, house, wish.premise, wish.episodes, wish.cast)
    usd = demo_plan.show(lines, wish.provider)
    ceiling = round(usd * demo_plan.CEILING, 2)
    common.say(f"  The production stops before it costs more than ${ceiling:.2f}.")
    demo_plan.agree(wish.yes)
    return {"cast": dict(wish.cast)}, {"ceiling_usd": ceiling} if ceiling else {}


def _follow_all(api: DemoApi, screen: Screen, wish: Wish, body: Json, ceiling: Json) -> tuple[str, list[Record]]:
    """Returns the drama's id and the last records of its runs: the creation, and the production if that succeeded."""
    with span("demo.drama", episodes=wish.episodes, provider=wish.provider):
        drama, job = api.create(wish.premise, wish.episodes, body)
        with News(api.base, drama) as news:
            records = [_follow(api, screen, news, drama, job, "creation")]
            if records[0].state == "succeeded":
                job = api.execute(drama, {**body, **ceiling})
                records.append(_follow(api, screen, news, drama, job, "production"))
    return drama, records


def _follow(api: DemoApi, screen: Screen, news: News, drama: str, job: str, phase: str) -> Record:
    """Shows a run until it has ended; returns its last record."""
    while True:
        record = api.record(drama, job)
        screen.show(phase, record)
        if record.ended:
            return record
        if any(step.held for step in record.steps):
            for held in api.held(drama):
                screen.note(_decision(api.base, held))
        news.wait(LOOK_EVERY_S)


def _decision(base: str, held: Json) -> str:
    return (
        f"A paid call waits for you: {held['vendor']}/{held['model']} may or may not have taken it "
        f"(${float(held['price_usd']):.2f}). Send it again, or give it up with abandon: "
        f"curl -X POST {base}/submissions/{held['id']}/resolve -H 'content-type: application/json' "
        '-d \'{"resolution":"resubmit"}\''
    )


def _checked(premise: str, episodes: str, provider: str, yes: bool) -> Wish:
    if not episodes.isascii() or not episodes.isdigit() or not 1 <= int(episodes[:9]) <= MAX_EPISODES:
        _usage(f"EPISODES must be a number from 1 to {MAX_EPISODES}, not {episodes!r}.")
    if provider not in PROVIDERS:
        _usage(f"PROVIDER must be one of {', '.join(PROVIDERS)}, not {provider!r}.")
    if not premise.strip():
        _usage("PREMISE is empty.")
    if len(premise) > MAX_PREMISE:
        _usage(f"PREMISE has {len(premise)} characters; {MAX_PREMISE} are allowed.")
    cast: Mapping[str, str] = {}
    if provider != "local":
        from cli.demo_plan import cast_of, missing_key

        have = settings(Path.cwd())
        cast = cast_of(provider, have)
        if variable := missing_key(cast, have):
            _usage(f"PROVIDER={provider} needs {variable}: set it in .env or in the environment.")
    return Wish(premise, int(episodes), provider, cast, yes)


def _switch(name: str, text: str) -> bool:
    if text not in ("", "0", "1"):
        _usage(f"{name} must be 1 or 0, not {text!r}.")
    return text == "1"


def _usage(text: str) -> NoReturn:
    common.say(text)
    raise typer.Exit(2)
