"""Request bodies and answers described by data: a body with placeholders for what was fitted, and JSON pointers into an answer.

A string that is one placeholder, such as `"{seconds}"`, becomes the value with its type; one inside a longer string becomes text. What
has no value is left out, with its field. `{"$each": "references", "$item": ...}` in a list is repeated, with `{item}` for each one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from kit.blobs import sniff
from kit.providers.base import Call, NotAccepted
from kit.providers.fitting import pixels, ratio_of

FileForm = Literal["data_uri", "base64", "url"]
FIELDS = frozenset(
    [
        "model",
        "prompt",
        "negative_prompt",
        "seconds",
        "seconds_text",
        "size",
        "size_star",
        "width",
        "height",
        "ratio",
        "resolution",
        "resolution_upper",
        "audio",
        "seed",
        "fps",
        "mode",
    ]
) | frozenset(["submission_id", "callback", "image", "last_frame", "video", "references", "item"])
"""What a template may name."""

_PLACE = re.compile(r"\{(\w+)\}")
_NOTHING = object()
_LABELS = {2160: "4k"}


def fields_of(call: Call, wire: str, files: FileForm) -> dict[str, Any]:
    """Returns the values of a call for a template; pictures in the form that the vendor takes.

    Raises `NotAccepted` when a picture can be given neither as bytes nor as a URL.
    """
    request = call.request
    size = str(request.get("size") or "")
    values: dict[str, Any] = {
        "model": wire,
        "submission_id": call.submission_id,
        "callback": call.callback,
        "size": size,
        "seconds_text": str(request.get("seconds", "")),
        **{
            name: request.get(name) for name in ("prompt", "negative_prompt", "seconds", "audio", "seed", "fps", "mode")
        },
    }
    if size:
        width, height = pixels(size)
        label = _LABELS.get(min(width, height), f"{min(width, height)}p")
        values |= {
            "width": width,
            "height": height,
            "ratio": ratio_of(size),
            "size_star": f"{width}*{height}",
            "resolution": label,
            "resolution_upper": label.upper(),
        }
    names = {*call.files, *call.urls}
    references = request.get("mode") == "references"
    for name in ("image", "last_frame", "video"):
        if name in names and not (references and name == "image"):
            values[name] = _file(call, name, files)
    given = sorted((n for n in names if n.startswith("reference_")), key=lambda n: int(n.removeprefix("reference_")))
    # A first frame beside references is one more picture to look like.
    given = (["image"] if references and "image" in names else []) + given
    values["references"] = [_file(call, name, files) for name in given]
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _file(call: Call, name: str, form: FileForm) -> str:
    data, url = call.files.get(name), call.urls.get(name, "")
    if form == "url" or data is None:
        if not url:
            raise NotAccepted(f"The vendor reads pictures from URLs, and there is none for {name}.", reason="no_url")
        return url
    text = base64.b64encode(data).decode()
    return text if form == "base64" else f"data:{sniff(data[:4096]) or 'application/octet-stream'};base64,{text}"


def merged(template: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a template with the fields of another one over it, also inside objects; null takes a field away."""
    made = dict(template)
    for name, part in more.items():
        if part is None:
            made.pop(name, None)
        elif isinstance(part, Mapping) and isinstance(made.get(name), Mapping):
            made[name] = merged(made[name], part)
        else:
            made[name] = part
    return made


def render(template: Any, values: Mapping[str, Any]) -> Any:
    """Returns the template with its values; fields without one are left out, and an object that is left empty too."""
    made = _render(template, values)
    return {} if made is _NOTHING else made


def _render(template: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(template, str):
        whole = _PLACE.fullmatch(template)
        if whole:
            return values.get(whole[1], _NOTHING)
        if any(name not in values for name in _PLACE.findall(template)):
            return _NOTHING
        return _PLACE.sub(lambda found: str(values[found[1]]), template)
    if isinstance(template, Mapping):
        made = {name: _render(part, values) for name, part in template.items()}
        kept = {name: part for name, part in made.items() if part is not _NOTHING}
        return kept if kept or not template else _NOTHING
    if isinstance(template, Sequence):
        items = [made for part in template for made in _items(part, values) if made is not _NOTHING]
        return items if items or not template else _NOTHING
    return template


def _items(part: Any, values: Mapping[str, Any]) -> Iterator[Any]:
    if isinstance(part, Mapping) and "$each" in part:
        for item in values.get(str(part["$each"]), ()):
            yield _render(part.get("$item"), {**values, "item": item})
    else:
        yield _render(part, values)


def named(template: Any) -> set[str]:
    """Returns the names of all placeholders of a template."""
    if isinstance(template, str):
        return set(_PLACE.findall(template))
    if isinstance(template, Mapping):
        each = {str(template["$each"])} if "$each" in template else set()
        return each | {name for part in template.values() for name in named(part)}
    if isinstance(template, Sequence):
        return {name for part in template for name in named(part)}
    return set()


def body_of(template: Mapping[str, Any], more: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Returns the body of a request: `template` with `more` over it and its values in place.

    Raises `NotAccepted` for a picture without a place: a film that silently ignores one would be paid for and be another than asked.
    """
    template = merged(template, more)
    if homeless := {"image", "last_frame", "video", "references"} & set(values) - named(template):
        raise NotAccepted(
            f"This vendor's request has no place for: {', '.join(sorted(homeless))}.", reason="mode_not_supported"
        )
    return render(template, values)


def pointed(document: Any, pointers: Sequence[str]) -> Any:
    """Returns what the first JSON pointer (RFC 6901) that leads to a value leads to, or None."""
    for pointer in pointers:
        value = document
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(value, Mapping):
                value = value.get(key)
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                value = None
        if value not in (None, "", [], {}):
            return value
    return None


def text_at(document: Any, pointers: Sequence[str]) -> str:
    """Returns the text or number that is pointed at, as text; empty when there is none."""
    value = pointed(document, pointers)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def number_at(document: Any, pointers: Sequence[str]) -> float | None:
    """Returns the number that is pointed at, also one spelt as a string such as `47%`, or None."""
    try:
        return float(text_at(document, pointers).removesuffix("%"))
    except ValueError:
        return None
