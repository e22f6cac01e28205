"""What an operator writes down of a task-style host: where it is, what it is asked, and where its answers hold what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path as File
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kit.errors import InvalidInput
from kit.jsonio import load_object
from kit.providers.catalogue import Mode
from services.video.providers.templates import FIELDS, FileForm, named, number_at

State = Literal["queued", "running", "succeeded", "failed", "cancelled", "expired"]


def _pointer(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError(f"{text!r} is no JSON pointer such as /data/id")
    return text


def _path(text: str) -> str:
    if not text.startswith("/") or "//" in text or any(c.isspace() for c in text):
        raise ValueError(f"{text!r} is no path such as /v1/tasks")
    return text


def _task_path(text: str) -> str:
    if "{id}" not in _path(text):
        raise ValueError(f"{text!r} does not say where the task's id goes: {{id}}")
    return text


def _body(template: dict[str, Any]) -> dict[str, Any]:
    if wrong := sorted(named(template) - FIELDS):
        raise ValueError(f"there is nothing to put for: {', '.join(wrong)}")
    return template


Pointer = Annotated[str, AfterValidator(_pointer)]
Pointers = tuple[Pointer, ...]
"""The first that leads to a value counts."""
Body = Annotated[dict[str, Any], AfterValidator(_body)]
Path = Annotated[str, AfterValidator(_path)]
TaskPath = Annotated[str, AfterValidator(_task_path)]
Method = Literal["GET", "POST", "PUT", "DELETE"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Create(_Part):
    """The paid call: its path, or one per way of making (`paths`), its body, and where the answer holds the task's id.

    `body_in` is merged over the body for a way of making; null takes a field away.
    `error` and `code` are where an answer without an id says why: such an answer has taken nothing.
    """

    path: Path | None = None
    paths: Mapping[Mode, Path] = Field(default_factory=dict)
    body: Body
    body_in: Mapping[Mode, Body] = Field(default_factory=dict)
    id: Pointers = Field(min_length=1)
    error: Pointers = ()
    code: Pointers = ()

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Create:
        if not self.path and not self.paths:
            raise ValueError("create needs path or paths")
        return self


class Cost(_Part):
    """Where the vendor tells what it billed, and what one of its units is in nano-USD."""

    at: Pointer
    nano_usd: float = Field(gt=0)

    def of(self, document: object) -> int | None:
        """Returns what an answer says was billed, in nano-USD, rounded up to a whole one; None when it does not say."""
        told = number_at(document, (self.at,))
        if told is None or not math.isfinite(told) or told < 0:
            return None
        return math.ceil(Decimal(str(told)) * Decimal(str(self.nano_usd)))


class Read(_Part):
    """How a task is asked for and where its answer holds what; `words` are the vendor's words for each state.

    `progress_of` is what stands for done: 1 or 100. A word that is not listed means that the task goes on.
    """

    path: TaskPath
    status: Pointers = Field(min_length=1)
    words: Mapping[State, tuple[str, ...]]
    progress: Pointers = ()
    progress_of: float = Field(1.0, gt=0)
    url: Pointers = Field(min_length=1)
    error: Pointers = ()
    code: Pointers = ()
    units: Mapping[str, Pointer] = Field(default_factory=dict)
    cost: Cost | None = None

    @model_validator(mode="after")
    def _ends(self) -> Read:
        if not self.words.get("succeeded") or not self.words.get("failed"):
            raise ValueError("words must name how a task succeeds and how it fails")
        said = [word.casefold() for words in self.words.values() for word in words]
        if twice := sorted({word for word in said if said.count(word) > 1}):
            raise ValueError(f"a word means one state only: {', '.join(twice)}")
        return self


class Listing(_Part):
    """How lost tasks are found: the list's path, where its items are, and where an item holds its id and our submission's.

    An item that is not in the list `seconds` after it was sent was never taken.
    """

    path: Path
    items: Pointer
    id: Pointer
    ours: Pointer
    seconds: float = Field(60.0, ge=0, le=3600)


class Cancel(_Part):
    """How a task is stopped."""

    path: TaskPath
    method: Method = "POST"


class TaskHost(_Part):
    """A host. `auth` are headers with `{key}` in them, `headers` others, `files` the form in which pictures are given.

    `check` is the path of a free read that tells whether a key works. `policy` are the words by which a failure is known as the host's
    refusal of what was asked, `spent` those of an empty account.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    base_url: str = Field(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")
    auth: Mapping[str, str]
    headers: Mapping[str, str] = Field(default_factory=dict)
    files: FileForm = "data_uri"
    create: Create
    read: Read
    list: Listing | None = None
    cancel: Cancel | None = None
    check: Path | None = None
    policy: tuple[str, ...] = (
        "policy",
        "moderation",
        "safety",
        "sensitive",
        "prohibited",
        "inappropriate",
        "inspection",
    )
    spent: tuple[str, ...] = ("balance", "quota", "arrearage", "insufficient")

    @model_validator(mode="after")
    def _has_key(self) -> TaskHost:
        if not any("{key}" in value for value in self.auth.values()):
            raise ValueError("auth must say where the key goes: {key}")
        return self

    def state(self, word: str) -> State:
        """Returns the state that a word of the host's stands for; `running` for one that is not listed."""
        said = word.casefold()
        return next((s for s, words in self.read.words.items() if said in {w.casefold() for w in words}), "running")

    def reason(self, said: str, code: str) -> str:
        """Returns `vendor_quota` or `model_refused` when a failure's words are those of one, else an empty text."""
        text = f"{code} {said}".casefold()
        if any(word.casefold() in text for word in self.policy):
            return "model_refused"
        return "vendor_quota" if any(word.casefold() in text for word in self.spent) else ""


def load_host(text: str) -> TaskHost:
    """Returns the host that an operator's JSON describes; raises `InvalidInput` that names the field and says what is wrong."""
    try:
        return TaskHost.model_validate(load_object(text, "host"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "host"
        said = str(first["msg"]).removeprefix("Value error, ")
        raise InvalidInput(f"The host's {where} is not sound: {said}.", field=where, reason="bad_host") from error


def load_hosts(where: File) -> list[TaskHost]:
    """Returns the hosts of a JSON file of one host, or of every `*.json` of a folder, in the order of their names.

    Raises `InvalidInput` that names the file for one that is not sound, and `OSError` for one that cannot be read.
    """
    found = []
    for file in sorted(where.glob("*.json")) if where.is_dir() else [where]:
        try:
            found.append(load_host(file.read_text(encoding="utf-8")))
        except (InvalidInput, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file}: {error}", field="hosts", reason="bad_host") from error
    return found
