"""The rules of the asset library that need no database: labels, file names and keys."""

from __future__ import annotations

import hashlib
import re
import uuid

from kit.errors import InvalidInput
from kit.identity import DEFAULT_ACCOUNT_ID

DEFAULT_USER = "10000"
TYPES = ("image", "video", "text")
TAGS = ("character", "storyboard", "clip")
_KINDS = {"image": ("image",), "video": ("video",), "text": ("text", "data")}
"""Kinds of stored assets that each type of the library takes."""
_LABEL_CHARS = 128
_NAME_CHARS = 128
_SUFFIX_CHARS = 16
_NOT_LABEL = re.compile(r"[^A-Za-z0-9_-]")
_NOT_NAME = re.compile(r"[^a-z0-9._-]")
_RUNS = re.compile(r"__+")


def identifier(text: str) -> str:
    """Returns a label of `[a-z0-9_-]`, 1 to 128 characters: other characters become `_`, runs of it one, none at the ends.

    A text of which nothing is left, such as a name in Hangul, becomes `id_` and 12 digits of its SHA-256, so that two of them differ.
    """
    label = _RUNS.sub("_", _NOT_LABEL.sub("_", text)).strip("_").lower()[:_LABEL_CHARS].strip("_")
    return label or f"id_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def file_name(text: str, fallback: str) -> str:
    """Returns a file name of `[a-z0-9._-]`, at most 128 characters, without a folder; `fallback` when nothing is left of it."""
    last = re.split(r"[/\\]", text)[-1].lower()
    name = _RUNS.sub("_", _NOT_NAME.sub("_", last)).lstrip("._-").rstrip("._")
    if len(name) > _NAME_CHARS:
        stem, dot, suffix = name.rpartition(".")
        short = dot + suffix if stem and len(suffix) <= _SUFFIX_CHARS else ""
        name = name[: _NAME_CHARS - len(short)].rstrip("._") + short
    return name or fallback


def folder(account: uuid.UUID, user: str, project: str) -> str:
    """Returns the folder of a project: as in the contract for the built-in account, apart for the others."""
    base = f"{user}/{project}"
    return base if str(account) == DEFAULT_ACCOUNT_ID else f"accounts/{account}/{base}"


def object_key(
    account: uuid.UUID, user: str, project: str, asset_type: str, asset_id: uuid.UUID, extension: str
) -> str:
    """Returns the friendly key of an asset's bytes; with the extension `json` and a text, they and the metadata would collide."""
    name = f"{asset_id}.data.json" if extension == "json" else f"{asset_id}.{extension}"
    return f"{folder(account, user, project)}/{asset_type}s/{name}"


def metadata_key(account: uuid.UUID, user: str, project: str, asset_type: str, asset_id: uuid.UUID) -> str:
    """Returns the key of an asset's metadata object."""
    return f"{folder(account, user, project)}/{asset_type}s/{asset_id}.json"


def project_key(account: uuid.UUID, user: str, project: str) -> str:
    """Returns the key of a project's own object."""
    return f"{folder(account, user, project)}/meta/project.json"


def check_type(asset_type: str) -> None:
    """Raises `InvalidInput` for an unknown type."""
    if asset_type not in TYPES:
        raise InvalidInput(
            f"asset_type must be one of {', '.join(TYPES)}.", field="asset_type", reason="unknown_asset_type"
        )


def check_tag(tag: str) -> None:
    """Raises `InvalidInput` for an unknown tag."""
    if tag not in TAGS:
        raise InvalidInput(f"tag must be one of {', '.join(TAGS)}.", field="tag", reason="unknown_tag")


def check_kind(asset_type: str, kind: str) -> None:
    """Raises `InvalidInput` when the stored bytes are of another kind than the type says."""
    if kind not in _KINDS[asset_type]:
        raise InvalidInput(f"The bytes are {kind}, not {asset_type}.", field="asset_type", reason="content_mismatch")
