"""The door that every vendor call passes: key, faults, acceptance in the ledger, and how the answer leaves."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from simulator.catalogue import Catalogue
from simulator.content.films import Films
from simulator.faults import BadFaultError, Facts, Fault, Faults
from simulator.jobs import VideoJobs
from simulator.jsons import Json, as_dict, as_str, compact
from simulator.ledger import Ledger, key_tail
from simulator.wire import Cut, WireResponse

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"


@dataclass(frozen=True)
class Answer:
    """What goes back: body and headers. `units` and `price` (nano-USD) are what an accepted call is billed.

    `then` runs once the call is in the ledger, before the answer leaves.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    units: Json = field(default_factory=dict)
    price: int = 0
    operation: str = ""
    job: Json | None = None
    free: bool = False
    then: Callable[[], Awaitable[None]] | None = None

    @classmethod
    def of(cls, value: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
        """Return a free JSON answer."""
        return cls(compact(value), status, {"content-type": "application/json", **(headers or {})}, free=True)


class VendorError(Exception):
    """The vendor refuses the call before accepting it: `answer` is its error in its own shape."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True)
class Ask:
    """A request, read: JSON fields (of a multipart form too), uploaded files, the caller's key hash."""

    fields: Json
    files: dict[str, list[bytes]]
    headers: dict[str, str]
    params: dict[str, str]
    query: dict[str, str]
    owner: str


class Errors(Protocol):
    """A vendor's error shapes."""

    def refuse_key(self, key: str) -> VendorError | None:
        """Return the refusal of a key, or None if it is good."""

    def of_status(self, status: int, fault: Fault) -> Answer:
        """Return the vendor's answer for a bare status."""

    def bad_body(self, message: str) -> VendorError:
        """Return the refusal of a body that cannot be read."""

    def key(self, request: Request) -> str:
        """Return the caller's key or an empty string."""


class Desk(Protocol):
    """One operation of a vendor."""

    vendor: str
    kind: str
    op: str

    @property
    def errors(self) -> Errors:
        """The vendor's error shapes."""

    def look(self, ask: Ask) -> tuple[str, str]:
        """Check the request; return (model, prompt) or raise VendorError."""

    def serve(self, ask: Ask, fault: Fault | None) -> Answer:
        """Make the answer. Runs in a thread; may raise VendorError."""


@dataclass(frozen=True)
class Webhook:
    """Where an account of OpenAI's has its events sent, and what they are signed with."""

    url: str
    secret: str = field(repr=False)


class World:
    """All state of the process. `latency` is what a text or picture takes, in seconds; a film takes `video_seconds`."""

    def __init__(self, ledger: Ledger, latency: float, video_seconds: float, with_sora: bool) -> None:
        self.ledger = ledger
        self.latency = latency
        self.video_seconds = video_seconds
        self.catalogue = Catalogue(with_sora)
        self.faults = Faults()
        self.jobs = VideoJobs(ledger.entries)
        self.films = Films()
        self.requests: Counter[str] = Counter()
        self.in_flight: Counter[str] = Counter()
        self.peak: Counter[str] = Counter()
        self.callbacks: Counter[str] = Counter()
        self.webhook: Webhook | None = None


async def enter(world: World, desk: Desk, request: Request) -> WireResponse:
    """Answer one vendor call, faults included. A client that hangs up does not stop an accepted call."""
    key = desk.errors.key(request)
    owner = key_tail(key)
    world.requests[f"{desk.vendor}.{desk.kind}.{desk.op}"] += 1
    world.in_flight[owner] += 1
    world.peak[owner] = max(world.peak[owner], world.in_flight[owner])
    try:
        return await _enter(world, desk, request, key)
    except VendorError as error:
        return _leave(error.answer)
    except BadFaultError as error:
        return _leave(Answer.of({"error": {"message": f"x-sim-fault: {error}"}}, 400))
    finally:
        world.in_flight[owner] -= 1


async def _enter(world: World, desk: Desk, request: Request, key: str) -> WireResponse:
    raw = await request.body()
    if (refusal := desk.errors.refuse_key(key)) is not None:
        raise refusal
    ask = await _read(request, raw, desk, key_tail(key))
    model, prompt = await asyncio.to_thread(desk.look, ask)
    facts = Facts(desk.vendor, desk.kind, desk.op, request.url.path, model, prompt)
    fault = world.faults.take(facts, request.headers.get("x-sim-fault", ""))
    if fault is not None and "{key}" in fault.message:
        # Some vendors quote the key that they were asked with.
        fault = replace(fault, message=fault.message.replace("{key}", key))
    early = await _before(fault, desk)
    if early is not None:
        return early
    answer = await asyncio.to_thread(desk.serve, ask, fault)
    if not answer.free:
        await _accept(world, facts, answer, ask, raw)
        if answer.then is not None:
            await answer.then()
        if desk.kind != "video":
            await asyncio.sleep(world.latency)
    return await _after(fault, desk, answer)


async def _before(fault: Fault | None, desk: Desk) -> WireResponse | None:
    """Apply what happens before acceptance; return an answer if the call ends here."""
    if fault is None:
        return None
    if fault.type == "slow" and fault.when == "before":
        await asyncio.sleep(fault.seconds)
    if fault.type == "cut_before":
        return WireResponse(200, b"", {}, "all")
    if fault.type == "status" and not fault.accepted:
        return _leave(desk.errors.of_status(fault.status, fault))
    return None


async def _after(fault: Fault | None, desk: Desk, answer: Answer) -> WireResponse:
    """Apply what happens after acceptance."""
    if fault is None:
        return _leave(answer)
    if fault.type == "late_success" or (fault.type == "slow" and fault.when == "after"):
        await asyncio.sleep(fault.seconds)
    if fault.type == "late_success" or fault.type == "status":
        return _leave(desk.errors.of_status(fault.status, fault))
    if fault.type == "malformed" and (fault.variant == "body" or desk.kind not in ("text",)):
        return _leave(Answer(HTML, 200, {"content-type": "text/html"}))
    return _leave(answer, {"cut_after": "all", "half_body": "half"}.get(fault.type, "none"))


def _leave(answer: Answer, cut: str = "none") -> WireResponse:
    how: Cut = "all" if cut == "all" else "half" if cut == "half" else "none"
    return WireResponse(answer.status, answer.body, answer.headers, how)


async def _accept(world: World, facts: Facts, answer: Answer, ask: Ask, raw: bytes) -> None:
    metadata = as_dict(ask.fields.get("metadata"))
    entry: Json = {
        "vendor": facts.vendor,
        "kind": facts.kind,
        "model": facts.model,
        "units": answer.units,
        "price_nano_usd": answer.price,
        "request_sha256": hashlib.sha256(raw).hexdigest(),
        "key_tail_sha": ask.owner,
        "operation": answer.operation,
        "submission": ask.headers.get("x-sfd-submission") or as_str(metadata.get("sfd_submission")) or None,
        "metadata": metadata or None,
    }
    await world.ledger.append(entry | ({"job": answer.job} if answer.job else {}))


async def _read(request: Request, raw: bytes, desk: Desk, owner: str) -> Ask:
    fields: Json = {}
    files: dict[str, list[bytes]] = {}
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await request.form(max_part_size=64 * 2**20)
        fields, files = await _form(form)
    elif raw and request.method in ("POST", "PATCH", "PUT"):
        try:
            decoded = await request.json()
        except ValueError as error:
            raise desk.errors.bad_body(str(error)) from error
        if not isinstance(decoded, dict):
            raise desk.errors.bad_body("the body must be a JSON object")
        fields = as_dict(decoded)
    params = {k: str(v) for k, v in request.path_params.items()}
    return Ask(fields, files, dict(request.headers), params, dict(request.query_params), owner)


async def _form(form: FormData) -> tuple[Json, dict[str, list[bytes]]]:
    """Return text fields (`a[b]` as nested objects) and files (`a[]` as `a`) of a form."""
    fields: Json = {}
    files: dict[str, list[bytes]] = {}
    for name, value in form.multi_items():
        plain = name.removesuffix("[]")
        if isinstance(value, UploadFile):
            files.setdefault(plain, []).append(await value.read())
        elif "[" in plain:
            outer, _, inner = plain.partition("[")
            fields[outer] = {**as_dict(fields.get(outer)), inner.rstrip("]"): value}
        else:
            fields[plain] = value
    return fields, files
