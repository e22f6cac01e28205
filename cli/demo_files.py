"""The files of a finished drama, fetched and looked at before their paths are printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cli.demo_api import DemoApi, DemoFailedError, Json
from kit.blobs import EXTENSIONS, sniff
from stack.layout import PROJECT

_ODD = re.compile(r"[^\w.-]+")
_LONGEST = 60  # characters of a name; 240 bytes in the widest script
_SHORTEST_S = 0.5
# Decoding runs outside this process: a broken film must not take the demo with it.
_PROBE = """
import json, sys
from pathlib import Path
from kit.media.probe import probe
for path in sys.argv[1:]:
    try:
        found = probe(Path(path))
        print(json.dumps([found.duration, found.width, found.height, found.video_streams]), flush=True)
    except Exception as error:
        print(json.dumps(str(error)), flush=True)
"""


@dataclass(frozen=True)
class Wanted:
    """One file that a drama should have: its place below the folder without extension, and its URL if there is one."""

    place: str
    url: str | None
    film: bool = False


@dataclass
class Collection:
    """What was fetched: absolute paths in the order people look at them, what is wrong, and a line about each episode."""

    paths: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    episodes: list[str] = field(default_factory=list)


def collect(api: DemoApi, drama_id: str, out: Path) -> Collection:
    """Writes everything that the drama has under `out/<id>`; every file is looked at, and what should be there and is not is told."""
    drama = api.drama(drama_id)
    if drama is None:
        return Collection(problems=["the drama was not written"])
    folder = (out / drama_id).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "drama.json"
    record.write_text(json.dumps(drama, ensure_ascii=False, indent=2), encoding="utf-8")
    made = Collection([record])
    films: list[Path] = []
    for one in wanted(drama):
        if not one.url:
            made.problems.append(f"{one.place}: was not made")
            continue
        try:
            path = _fetch(api, one, one.url, folder)
        except DemoFailedError as error:
            made.problems.append(f"{one.place}: {error}")
            continue
        made.paths.append(path)
        if one.film:
            films.append(path)
    for path, told in zip(films, _probe(films), strict=True):
        name = path.relative_to(folder)
        if isinstance(told, str) or told[0] < _SHORTEST_S or not told[3]:
            made.problems.append(f"{name}: {told if isinstance(told, str) else 'is not a film'}")
            made.paths.remove(path)
        elif name.parent == Path():
            made.episodes.append(f"{name}: {told[0]:.1f} s, {told[1]:.0f}x{told[2]:.0f}")
    return made


def wanted(drama: Json) -> Iterator[Wanted]:
    """Yields every file that the drama should have, each under a name of its own, in the order people look at them."""
    taken: set[str] = set()

    def place(folder: str, *words: str) -> str:
        base = "-".join(filter(None, map(_safe, words))) or "unnamed"
        name, number = base, 1
        while f"{folder}{name}" in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(f"{folder}{name}")
        return f"{folder}{name}"

    for character in drama["characters"]:
        yield Wanted(place("portraits/", character["name"]), character["url"])
    yield Wanted("cover", drama["url"])
    episodes = drama["episodes"]
    scenes = [(e, s) for e in episodes for s in e["scenes"]]
    for folder, key in (("storyboards/", "image_url"), ("clips/", "video_url")):
        for episode, scene in scenes:
            words = (scene["id"],) if scene["id"].startswith(episode["id"]) else (episode["id"], scene["id"])
            yield Wanted(place(folder, *words), scene[key], film=folder == "clips/")
    for number, episode in enumerate(episodes, 1):
        yield Wanted(place("", f"episode-{number:02d}", episode["title"]), episode["url"], film=True)


def _fetch(api: DemoApi, one: Wanted, url: str, folder: Path) -> Path:
    data = api.download(url)
    kind = sniff(data[:4096]) or ""
    if not kind.startswith("video/" if one.film else "image/"):
        raise DemoFailedError(f"is not what it should be ({kind or 'unknown type'}, {len(data)} bytes)")
    path = folder / f"{one.place}.{EXTENSIONS[kind]}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def _probe(films: list[Path]) -> list[list[float] | str]:
    """Returns seconds, width, height and number of pictures' streams of each film, or why it cannot be read."""
    if not films:
        return []
    env = {**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{PROJECT / 'gen'}"}
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, *map(str, films)], env=env, capture_output=True, text=True, check=False
    )
    told: list[list[float] | str] = [json.loads(line) for line in done.stdout.splitlines()]
    return told + ["cannot be read as a film"] * (len(films) - len(told))


def _safe(name: str) -> str:
    """Returns the name with letters and digits of any script, and nothing else that a shell or a file system minds."""
    return _ODD.sub("_", name)[:_LONGEST].strip("._-")
