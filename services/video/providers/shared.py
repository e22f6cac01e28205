"""What adapters of films over URLs share: how a finished film is read, pictures as data URIs, and errors without the key."""

from __future__ import annotations

import asyncio
import base64
import datetime
from collections.abc import Awaitable, Callable, Mapping

import httpx

from kit.blobs import sniff
from kit.errors import InvalidInput
from kit.providers.base import Accepted, Answer, Call, NotAccepted, NotSeen, OutcomeUnknown, VendorAway
from kit.providers.catalogue import house, resolve
from kit.providers.catalogue.model import Film
from kit.providers.http import hidden, verdict

MAX_FILM = 512 * 1024 * 1024
READ_SECONDS = 30.0
_TRIES = 3
_PAUSE = 0.5
_SEEN_SECONDS = 120.0
_FILM_SECONDS = 300.0
_EXPIRED = (403, 404, 410)
_SPENT = ("enough credits", "insufficient credit", "out of credits")
_POLICY = ("safety", "moderat", "policy", "nsfw", "sensitive", "prohibited", "blocked", "copyright")


class Results:
    """Reads finished films from the URLs that vendors give. No key is ever sent there: such a URL is its own permission."""

    def __init__(self, http: httpx.AsyncClient | None = None) -> None:
        timeout = httpx.Timeout(READ_SECONDS, connect=10.0)
        self._http = http or httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=True, max_redirects=3)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def film(self, ask: Callable[[], Awaitable[str]]) -> Answer:
        """Returns the bytes at the URL that `ask` returns, at most 512 MiB, in three tries; `ask` is asked before each.

        Raises `VendorAway` when it cannot be read now, `NotAccepted` (`product_gone`) when the newest URL has expired too, and what
        `ask` raises.
        """
        status = 0
        for turn in range(_TRIES):
            url = await ask()
            if turn:
                await asyncio.sleep(_PAUSE * turn)
            try:
                async with asyncio.timeout(_FILM_SECONDS):
                    status, body = await self._read(url)
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
                status = 0
                continue
            if status == httpx.codes.OK and body:
                return Answer(body, sniff(body[:4096]) or "application/octet-stream", {"bytes": len(body)})
        if status in _EXPIRED:
            raise NotAccepted("The vendor no longer has this film.", reason="product_gone")
        raise VendorAway("The film cannot be read now.")

    async def _read(self, url: str) -> tuple[int, bytes]:
        data = bytearray()
        async with self._http.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                return answer.status_code, b""
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > MAX_FILM:
                    raise NotAccepted("The film is larger than 512 MiB.", reason="too_large")
        return httpx.codes.OK, bytes(data)


def refusal(status: int, headers: Mapping[str, str], message: str, key: str) -> NotAccepted | OutcomeUnknown:
    """Returns what an answer to a submit proves, as `verdict`; a spent account is told by its words, and the key is in no message."""
    text = hidden(message, key)
    if 400 <= status < 500 and any(word in text.casefold() for word in _SPENT):
        return NotAccepted(text[:500], reason="vendor_quota")
    return verdict(status, headers, text)


def film_of(vendor: str, model: str) -> Film:
    """Returns what is known of a film model; raises `NotAccepted` for one that is not in the catalogue (any more)."""
    try:
        return resolve("video", vendor, model).model.film or Film()
    except InvalidInput as error:
        raise NotAccepted(str(error), reason="unknown_model") from error


def wire_of(vendor: str, model: str) -> str:
    """Returns a model's name on the wire; its own where the catalogue knows no other."""
    row = next((m for m in house().models if (m.kind, m.vendor, m.id) == ("video", vendor, model)), None)
    return row.film.wire if row and row.film and row.film.wire else model


def charged_on_failure(vendor: str, wire: str) -> bool:
    """Returns whether the vendor bills a film that it could not make; False for a model that is not known."""
    return any(
        model.charged_on_failure
        for model in house().models
        if (model.kind, model.vendor) == ("video", vendor) and wire in (model.id, model.film and model.film.wire)
    )


def resolution(film: Film, size: str) -> str:
    """Returns the vendor's word for a size, by the row's `options.resolutions`; empty when it has none."""
    named: Mapping[str, list[str]] = film.options.get("resolutions", {})
    return next((word for word, sizes in named.items() if size in sizes), "")


def is_policy(text: str) -> bool:
    """Returns whether a vendor's words for a failure name a policy: trying again would be refused again."""
    return any(word in text.casefold() for word in _POLICY)


def data_uri(data: bytes) -> str:
    """Returns bytes as a data URI with the content type that they have."""
    return f"data:{sniff(data[:4096]) or 'application/octet-stream'};base64,{base64.b64encode(data).decode()}"


def source(call: Call, name: str, most: int) -> str:
    """Returns a file of a call for a vendor that takes data URIs of at most `most` characters, else its temporary URL.

    Raises `NotAccepted` when there is neither: nothing was sent.
    """
    data = call.files.get(name)
    if data is not None and len(uri := data_uri(data)) <= most:
        return uri
    url = call.urls.get(name, "")
    if url:
        return url
    if data is None:
        raise NotAccepted(f"The file {name} is not there.", reason="file_missing")
    raise NotAccepted(f"The file {name} is too large for this vendor.", reason="file_too_large")


def references(call: Call) -> list[str]:
    """Returns the names of the pictures that a film should be like, a first frame among them, in their order."""
    names = {*call.files, *call.urls}
    found = sorted((n for n in names if n.startswith("reference_")), key=lambda n: int(n.removeprefix("reference_")))
    return (["image"] if "image" in names else []) + found


def the_one(vendor: str, named: set[str], same: set[str]) -> Accepted | None:
    """Returns the lost call: the one that names our submission, else the one with our model and prompt; None when several have.

    Raises `NotSeen` when there is none: a list may lag behind for a while.
    """
    found = named or same
    if not found:
        raise NotSeen(f"{vendor} lists no such call so far.", seconds=_SEEN_SECONDS)
    return Accepted(*found) if len(found) == 1 else None


def prompt_of(asked: object) -> object:
    """Returns the prompt of what a listed call says that it was asked, or None."""
    return asked.get("prompt") if isinstance(asked, dict) else None


def made_since(created: object, since: float) -> bool:
    """Returns whether a vendor's time (ISO 8601 or a datetime) is not before `since`; an unreadable one is taken as new."""
    if isinstance(created, str):
        try:
            created = datetime.datetime.fromisoformat(created)
        except ValueError:
            return True
    if not isinstance(created, datetime.datetime):
        return True
    # Vendors' times are UTC, also where they do not say so.
    return (created if created.tzinfo else created.replace(tzinfo=datetime.UTC)).timestamp() >= int(since)
