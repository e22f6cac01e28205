"""The files of a finished drama, fetched and looked at before their paths are printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cli.demo_api import DemoApi, DemoFailedError, Json
from kit.blobs import EXTENSIONS, sniff

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


def collect(api: DemoApi, drama_id: str, out: Path) -> list[Path]:
    """Writes everything that the drama has under `out/<id>` and returns the absolute paths, drama.json first.

    Raises `DemoFailedError` for a file that is empty or not what its place says.
    """
    drama = api.drama(drama_id)
    folder = (out / drama_id).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "drama.json"
    record.write_text(json.dumps(drama, ensure_ascii=False, indent=2), encoding="utf-8")
    paths = [record]
    for place, name, url in _media(drama):
        data = api.download(url)
        kind = sniff(data[:4096])
        wanted = "video/mp4" if place in ("clips", "episodes") else "image/"
        if not data or kind is None or not kind.startswith(wanted):
            raise DemoFailedError(f"{place} {name} is not what it should be ({kind}, {len(data)} bytes).")
        path = folder / f"{place}-{name}.{EXTENSIONS[kind]}" if name else folder / f"{place}.{EXTENSIONS[kind]}"
        path.write_bytes(data)
        paths.append(path)
    return paths


def _media(drama: Json) -> list[tuple[str, str, str]]:
    """Returns (place, name, url) of everything that has a url, in the order people look at it."""
    found = [("portraits", _safe(c["name"]), c["url"]) for c in drama["characters"] if c["url"]]
    if drama["url"]:
        found.append(("cover", "", drama["url"]))
    scenes = [scene for episode in drama["episodes"] for scene in episode["scenes"]]
    found += [("storyboards", _safe(s["id"]), s["image_url"]) for s in scenes if s["image_url"]]
    found += [("clips", _safe(s["id"]), s["video_url"]) for s in scenes if s["video_url"]]
    found += [("episodes", _safe(e["id"]), e["url"]) for e in drama["episodes"] if e["url"]]
    return found


def _safe(name: str) -> str:
    return _ODD.sub("_", name).strip("_") or "unnamed"
