"""Secrets that can be found again: each holds one marker, which is looked for in every form in which a secret may be written down."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

# Neither `bad` nor `quota` can be spelt with these: the simulated vendors refuse keys by such words.
_LETTERS = "hjkmnpqrtwxyzHJKMNPQRTWXYZ23456789"
_WINDOW = 64 * 2**20


def _half() -> str:
    """Twelve characters, of which two look different in a URL."""
    return f"{_some(5)}+/{_some(5)}"


def _some(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


@dataclass
class Canaries:
    """All secrets of a test. `forms` are byte strings of which none may be anywhere."""

    halves: tuple[str, str] = field(default_factory=lambda: (_half(), _half()))
    others: list[str] = field(default_factory=list)
    made: int = 0

    def secret(self, name: str) -> str:
        """Returns a new secret with the marker in it."""
        self.made += 1
        return f"{name}-{''.join(self.halves)}-{_some(6)}"

    def add(self, secret: str) -> str:
        """Takes a secret that somebody else has made, and returns it."""
        self.others.append(secret)
        return secret

    def forms(self) -> dict[bytes, str]:
        """Returns every byte string to look for, and how it is called. Of the marker each half is enough."""
        found: dict[bytes, str] = {}
        for text in ("".join(self.halves), *self.halves, *self.others):
            found |= {form: f"{how} of {text[:6]}..." for form, how in _forms(text)}
        return found


def _forms(text: str) -> Iterator[tuple[bytes, str]]:
    raw = text.encode()
    yield raw, "as it is"
    for how, spelt in (
        ("percent-encoded", quote(text, safe="")),
        ("percent-encoded", quote(text, safe="").lower()),
        ("form-encoded", quote_plus(text)),
        ("JSON with escaped slashes", text.replace("/", "\\/")),
        ("JSON with escaped characters", text.replace("+", "\\u002b").replace("/", "\\/")),
        ("HTML", text.replace("+", "&#43;").replace("/", "&#x2F;")),
        ("hexadecimal", raw.hex()),
        ("hexadecimal", raw.hex().upper()),
    ):
        yield spelt.encode(), how
    # Where it stands in a longer text decides how base64 spells it; what its neighbours have a part in is left out.
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        first, last = (before * 8 + 5) // 6, (before + len(raw)) * 8 // 6
        yield whole[first:last], "base64"
        yield whole[first:last].translate(bytes.maketrans(b"+/", b"-_")), "base64 for URLs"


def hits(forms: dict[bytes, str], data: bytes, where: str) -> list[str]:
    """Returns what of the secrets is in some bytes, with its surroundings."""
    found = []
    for form, how in forms.items():
        if (at := data.find(form)) >= 0:
            around = data[max(0, at - 150) : at + len(form) + 40]
            found.append(f"{where}: {how}: {around!r}")
    return found


def hits_on_disk(forms: dict[bytes, str], folder: Path, leave_out: Iterable[Path] = ()) -> tuple[list[str], int]:
    """Returns what is in any file under a folder, deleted rows and logs of the servers included, and how many files there are."""
    found, count, longest, out = [], 0, max(map(len, forms)), set(leave_out)
    for path, _, names in os.walk(folder):
        for file in (Path(path) / name for name in names):
            if file in out or not file.is_file():
                continue
            count += 1
            with file.open("rb") as source:
                kept = b""
                while piece := source.read(_WINDOW):
                    found += hits(forms, kept + piece, str(file))
                    kept = piece[-longest:]
    return found, count
