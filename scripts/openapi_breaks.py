"""What a client of an older OpenAPI document would stumble over in a newer one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
_METHODS = ("get", "put", "post", "patch", "delete", "head", "options")
_NARROWER_WHEN_LOWER = ("maxLength", "maxItems", "maximum", "exclusiveMaximum")
_NARROWER_WHEN_HIGHER = ("minLength", "minItems", "minimum", "exclusiveMinimum")


def breaks(old: Json, new: Json) -> list[str]:
    """Returns a line for each break: removed paths, methods, answers, fields and enum values; fields and parameters that are
    newly required; types and limits that became narrower in requests or wider in answers. Empty when there is none."""
    return list(dict.fromkeys(_Comparison(old, new).lines()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old = old
        self._new = new

    def lines(self) -> Iterator[str]:
        """Yields every break."""
        now = {_shape(path): item for path, item in self._new["paths"].items()}
        for path, item in self._old["paths"].items():
            if _shape(path) not in now:
                yield f"{path}: removed"
                continue
            for method in _METHODS:
                if method not in item:
                    continue
                where = f"{method.upper()} {path}"
                if method not in now[_shape(path)]:
                    yield f"{where}: removed"
                else:
                    yield from self._operation(where, item[method], now[_shape(path)][method])

    def _operation(self, where: str, old: Json, new: Json) -> Iterator[str]:
        yield from self._parameters(where, old, new)
        before, after = old.get("requestBody", {}), new.get("requestBody", {})
        if after.get("required") and not before.get("required"):
            yield f"{where}: a body is newly required"
        for kind, media in before.get("content", {}).items():
            if kind not in after.get("content", {}):
                yield f"{where}: the request type {kind} is removed"
            else:
                there = after["content"][kind].get("schema", {})
                yield from self._schema(f"{where} request", media.get("schema", {}), there, request=True, seen=())
        for status, response in old["responses"].items():
            if status not in new["responses"]:
                if status[0] == "2":
                    yield f"{where}: the answer {status} is removed"
                continue
            now = _resolved(new["responses"][status], self._new).get("content", {})
            for kind, media in _resolved(response, self._old).get("content", {}).items():
                if kind not in now:
                    yield f"{where} {status}: the type {kind} is removed"
                else:
                    there = now[kind].get("schema", {})
                    yield from self._schema(f"{where} {status}", media.get("schema", {}), there, request=False, seen=())

    def _parameters(self, where: str, old: Json, new: Json) -> Iterator[str]:
        def named(operation: Json, document: Json) -> dict[tuple[str, str], Json]:
            found = [_resolved(one, document) for one in operation.get("parameters", ())]
            return {(one["in"], one["name"].lower()): one for one in found if one["in"] != "path"}

        before, after = named(old, self._old), named(new, self._new)
        for key, parameter in before.items():
            if key not in after:
                yield f"{where}: the parameter {parameter['name']} is removed"
            else:
                yield from self._schema(
                    f"{where} {parameter['name']}", parameter["schema"], after[key]["schema"], request=True, seen=()
                )
        for key, parameter in after.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{where}: the parameter {parameter['name']} is newly required"

    def _schema(self, where: str, old: Json, new: Json, *, request: bool, seen: tuple[str, ...]) -> Iterator[str]:
        name = str(old.get("$ref", ""))
        if name and name in seen:
            return
        if name:
            seen = (*seen, name)
        old, new = _resolved(old, self._old), _resolved(new, self._new)
        before, after = _types(old, self._old), _types(new, self._new)
        narrower, wider = before - after, after - before
        if request and after and (narrower or not before):
            yield f"{where}: the type {_text(before)} became narrower: {_text(after)}"
        if not request and before and (wider or not after):
            yield f"{where}: the type {_text(before)} became wider: {_text(after)}"
        left, right = _values(old), _values(new)
        if left and right and left - right:
            yield f"{where}: removed values {_text(left - right)}"
        if request and right and not left:
            yield f"{where}: only some values are accepted now"
        if request:
            yield from _limits(where, old, new)
        yield from self._fields(where, old, new, request=request, seen=seen)
        if "items" in old and "items" in new:
            yield from self._schema(f"{where}[]", old["items"], new["items"], request=request, seen=seen)
        yield from self._branches(where, old, new, request=request, seen=seen)

    def _fields(self, where: str, old: Json, new: Json, *, request: bool, seen: tuple[str, ...]) -> Iterator[str]:
        was, is_ = old.get("properties", {}), new.get("properties", {})
        for field, schema in was.items():
            if field not in is_:
                yield f"{where}.{field}: removed"
            else:
                yield from self._schema(f"{where}.{field}", schema, is_[field], request=request, seen=seen)
        must, must_now = set(old.get("required", ())), set(new.get("required", ()))
        if request:
            yield from (f"{where}.{field}: newly required" for field in sorted(must_now - must))
        else:
            yield from (f"{where}.{field}: no longer always there" for field in sorted((must - must_now) & set(is_)))

    def _branches(self, where: str, old: Json, new: Json, *, request: bool, seen: tuple[str, ...]) -> Iterator[str]:
        """Compares alternatives by name, or by type where they have none."""
        for word in ("anyOf", "oneOf", "allOf"):
            left = {_branch(one): one for one in old.get(word, ())}
            right = {_branch(one): one for one in new.get(word, ())}
            for key, schema in left.items():
                if key in right:
                    yield from self._schema(where, schema, right[key], request=request, seen=seen)
                elif key.startswith("#"):
                    yield f"{where}: the form {key.rpartition('/')[2]} is removed"


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def _resolved(schema: Json, document: Json) -> Json:
    while "$ref" in schema:
        found: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _types(schema: Json, document: Json) -> set[str]:
    """Returns the JSON types that a schema takes; empty means any."""
    schema = _resolved(schema, document)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            each = [_types(one, document) for one in schema[word]]
            return set() if not all(each) else set().union(*each)
    told = schema.get("type")
    if told is None:
        return set()
    kinds = {told} if isinstance(told, str) else set(told)
    return kinds | {"integer"} if "number" in kinds else kinds


def _values(schema: Json) -> set[str]:
    return {
        repr(one) for one in (schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else ())
    }


def _limits(where: str, old: Json, new: Json) -> Iterator[str]:
    for word in _NARROWER_WHEN_LOWER:
        if word in new and (word not in old or new[word] < old[word]):
            yield f"{where}: {word} became narrower: {new[word]}"
    for word in _NARROWER_WHEN_HIGHER:
        if word in new and (word not in old or new[word] > old[word]):
            yield f"{where}: {word} became narrower: {new[word]}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: another pattern: {new['pattern']}"


def _branch(schema: Json) -> str:
    return str(schema.get("$ref") or schema.get("type") or "any")


def _text(values: set[str]) -> str:
    return ", ".join(sorted(values)) or "anything"
