"""The hash of everything that goes into a product: equal fingerprints mean that making it again would change nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from kit.jsonio import canonical


def fingerprint(kind: str, version: int, model: str, parts: Mapping[str, Any]) -> str:
    """Returns SHA-256 (hexadecimal) of the canonical JSON of kind, handler version, resolved model and `parts`.

    `parts` holds the prompt, the parameters and the SHA-256 of each input's live take, as JSON values: a hash, not a URL,
    stands for bytes, because a URL may stay while the bytes change. Raises TypeError or ValueError for a value JSON lacks.
    """
    whole = {"kind": kind, "version": version, "model": model, "parts": dict(parts)}
    return hashlib.sha256(canonical(whole).encode()).hexdigest()
