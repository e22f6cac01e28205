"""Writes `openapi.yaml` from the gateway's routes; `--check` says whether it is fresh and breaks nothing that was released."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from scripts.openapi_breaks import breaks
from services.gateway.app import mounted
from services.gateway.openapi import build
from services.gateway.views.faces import DRAMA, VERSION

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = ROOT / "openapi.yaml"
RELEASED = ROOT / "docs/openapi-released.yaml"
_TEXTS = frozenset({"description", "summary", "title", "example", "examples", "headers", "tags", "servers"})
_NAMES = frozenset({"properties", "schemas", "parameters", "responses", "paths"})
HEAD = "# Written by `make openapi` from the gateway's routes; not edited by hand.\n"


class _Plain(yaml.SafeDumper):
    """No anchors: every example stands where it is read."""

    def ignore_aliases(self, data: Any) -> bool:
        """True always."""
        return True


def text() -> str:
    """Returns the document of the routes as YAML."""
    document = build(mounted(), DRAMA.title)
    return HEAD + yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def released(node: Any, *, names: bool = False) -> Any:
    """Returns what of a document a client depends on: no texts and no examples. `names` says that the keys are names of fields."""
    if isinstance(node, list):
        return [released(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if names or key not in _TEXTS}
    return {key: released(value, names=key in _NAMES and not names) for key, value in kept.items()}


def main() -> int:
    """Returns 0 when written, or when fresh and compatible; 1 otherwise, with what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--release", action="store_true", help="what is there now is what must not be broken")
    arguments = parser.parse_args()
    made = text()
    if arguments.release:
        kept = {**released(yaml.load(made, yaml.CSafeLoader)), "info": {"title": DRAMA.title, "version": VERSION}}
        RELEASED.write_text(yaml.dump(kept, Dumper=_Plain, sort_keys=False, width=120), encoding="utf-8")
    if not arguments.check:
        WRITTEN.write_text(made, encoding="utf-8")
        return 0
    stale = not WRITTEN.is_file() or WRITTEN.read_text(encoding="utf-8") != made
    if stale:
        print("openapi.yaml is stale, run `make openapi`")
    before = yaml.load(RELEASED.read_text(encoding="utf-8"), yaml.CSafeLoader)
    broken = breaks(before, yaml.load(made, yaml.CSafeLoader))
    if broken:
        print("broken since the last release:", *broken, sep="\n  ")
    return 1 if stale or broken else 0


if __name__ == "__main__":
    sys.exit(main())
