"""What adapters of films over URLs share: pictures as data URIs, rules about lost calls, and errors without the key."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping

from kit.blobs import sniff
from kit.errors import InvalidInput
from kit.providers.base import Accepted, Call, NotAccepted, NotSeen, OutcomeUnknown
from kit.providers.catalogue import house, resolve
from kit.providers.catalogue.model import Film
from kit.providers.http import hidden, verdict

READ_SECONDS = 30.0
_SEEN_SECONDS = 120.0
_SPENT = ("enough credits", "insufficient credit", "out of credits")
_POLICY = ("safety", "moderat", "policy", "nsfw", "sensitive", "prohibited", "blocked", "copyright")


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
