"""Fuzzing of RPCs from their descriptors: messages full of what hurts, and bytes that are nearly messages."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from kit.context import Caller, new_request_id
from kit.identity import Signer
from kit.rpc.options import CLIENT

F = FieldDescriptor
TEXTS = (
    *("", "a", "story.generate", "a\x00b", "\x00", "x" * 5000, "../../etc/passwd", "🦊\u202e", "{}", "[1]"),
    *('{"a":NaN}', '{"a":1e999}', '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"drama_id":"\\ud800"}'),
    '{"list":' + "[" * 3000 + "]" * 3000 + "}",
    *("[" * 9000, '{"slot":"x","stored_asset_id":"y"}', "W10"),
    *("WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIngiXQ", "image/png", "0" * 64, "%s' OR 1=1; --", str(uuid.UUID(int=0))),
    *(
        "portrait:",
        "portrait:c",
        "cover",
        "clip:s",
        "asset:scene:s:a",
        "asset:::",
        "scenes:e",
        "http://169.254.169.254/",
    ),
    *("file:///etc/passwd", "data:text/html,x", "9" * 400, "\u202e{{7*7}}${7*7}", "a/b", " ", "\n"),
)
WHOLE = (0, 1, -1, 2, 100, 999, 2**31 - 1, -(2**31))
WIDE = (*WHOLE, 2**63 - 1, -(2**63), 2**40)
REAL = (0.0, 0.5, -1.0, float("nan"), float("inf"), float("-inf"), 1e308)
AT_ONCE = 16
UNARY_SECONDS = 20.0
STREAM_SECONDS = 0.5
BUGS = frozenset({grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL, grpc.StatusCode.DATA_LOSS})


def methods_of(*files: ModuleType) -> list[MethodDescriptor]:
    """Returns every method of every service in generated modules."""
    services = [service for file in files for service in file.DESCRIPTOR.services_by_name.values()]
    return [method for service in services for method in service.methods]


@dataclass
class Tally:
    """How many messages were sent, by method, and which statuses came back."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)


class Mutator:
    """Fills messages with what hurts, from a seed; `known` are ids that exist."""

    def __init__(self, seed: str, known: Sequence[str]) -> None:
        self.random = random.Random(seed)
        self.known = known
        self.fill = 0.7

    def message(self, descriptor: Descriptor, depth: int = 0) -> Message:
        """Returns a message of `descriptor`: few, many or nearly all of its fields are set."""
        if not depth:
            self.fill = self.random.choice((0.25, 0.6, 0.95))
        made = GetMessageClass(descriptor)()
        for one in descriptor.fields:
            if self.random.random() > self.fill or depth > 4:
                continue
            self._set(made, one, depth)
        return made

    def _set(self, made: Message, one: FieldDescriptor, depth: int) -> None:
        entry = one.message_type
        if entry is not None and entry.GetOptions().map_entry:
            return
        if one.is_repeated:
            count = self.random.choice((1, 1, 2, 3, 1200 if depth < 1 else 5))
            values = [self._value(one, depth) for _ in range(min(count, 3))]
            getattr(made, one.name).extend(values[n % len(values)] for n in range(count))
        elif entry is not None:
            getattr(made, one.name).CopyFrom(self._value(one, depth))
        else:
            setattr(made, one.name, self._value(one, depth))

    def _value(self, one: FieldDescriptor, depth: int) -> Any:
        match one.type:
            case F.TYPE_STRING:
                if self.known and self.random.random() < 0.5:
                    return self.random.choice(self.known)
                return self.random.choice(TEXTS)
            case F.TYPE_BYTES:
                return self.random.randbytes(20)
            case F.TYPE_BOOL:
                return self.random.random() < 0.5
            case F.TYPE_ENUM:
                return self.random.choice((0, 1, 2, 3, 6, 10, 999, -1))
            case F.TYPE_MESSAGE:
                assert one.message_type is not None
                return self.message(one.message_type, depth + 1)
            case F.TYPE_DOUBLE | F.TYPE_FLOAT:
                return self.random.choice(REAL)
            case F.TYPE_INT64 | F.TYPE_SINT64 | F.TYPE_SFIXED64:
                return self.random.choice(WIDE)
            case F.TYPE_UINT32 | F.TYPE_UINT64:
                return abs(self.random.choice(WHOLE)) % 2**31
            case _:
                return self.random.choice(WHOLE)

    def bytes_like(self, descriptor: Descriptor) -> bytes:
        """Returns bytes that are nearly a message: cut, flipped, doubled, with another wire type, or nothing of the kind."""
        raw = self.message(descriptor).SerializeToString()[: 64 * 1024]
        number = self.random.choice([one.number for one in descriptor.fields] or [1])
        match self.random.randrange(11):
            case 0:
                return self.random.randbytes(self.random.randint(1, 200))
            case 1:
                return raw[: self.random.randint(0, len(raw))]
            case 2:
                flipped = bytearray(raw or b"\x08")
                for _ in range(self.random.randint(1, 8)):
                    flipped[self.random.randrange(len(flipped))] ^= 1 << self.random.randrange(8)
                return bytes(flipped)
            case 3:
                return raw + raw
            case 4:
                wire = self.random.choice((0, 1, 2, 3, 4, 5, 6, 7))
                return _varint(number << 3 | wire) + self.random.randbytes(self.random.choice((0, 1, 4, 8, 12)))
            case 5:
                return raw + _varint(number << 3 | 2) + b"\x03\xff\xfe\x80"
            case 6:
                return (_varint(number << 3 | 3)) * 200
            case 7:
                nested = b""
                for _ in range(150):
                    nested = _varint(number << 3 | 2) + _varint(len(nested)) + nested
                return nested
            case 8:
                return _varint(number << 3 | 2) + b"\xff\xff\xff\xff\x07" + b"x"
            case 9:
                return raw + b"\xff" * 11
            case _:
                return raw + _varint(19_000_000 << 3 | 2) + b"\x04abcd" + _varint(536_870_911 << 3) + b"\x01"


def cases(method: MethodDescriptor, known: Sequence[str], count: int) -> Iterator[bytes]:
    """Yields `count` messages for a method, the same ones every time: an empty one, then filled and broken ones in turn."""
    mutator = Mutator(method.full_name, known)
    yield b""
    for number in range(count - 1):
        if number % 2:
            yield mutator.bytes_like(method.input_type)
        else:
            yield mutator.message(method.input_type).SerializeToString()


@dataclass(frozen=True)
class Target:
    """Whom to call, as whom, and which words must never come back."""

    channel: grpc.aio.Channel
    signer: Signer
    caller: Caller
    canaries: tuple[str, ...] = ()


def open_channel(address: str) -> grpc.aio.Channel:
    """Returns a bare channel: what comes back is looked at as it is on the wire."""
    return grpc.aio.insecure_channel(address, options=list(CLIENT))


async def ask(target: Target, method: MethodDescriptor, raw: bytes) -> grpc.StatusCode:
    """Returns the status of one call; a stream is left after its first answer or half a second.

    Raises an assertion for a bug, a call without an end, and a secret in the answer.
    """
    path = f"/{method.containing_service.full_name}/{method.name}"
    metadata = (
        ("authorization", f"Bearer {target.signer.mint(target.caller)}"),
        ("x-request-id", new_request_id()),
    )
    try:
        if method.server_streaming:
            call: Any = target.channel.unary_stream(path, request_serializer=None, response_deserializer=None)
            async for _ in call(raw, timeout=STREAM_SECONDS, metadata=metadata):
                break
        else:
            unary: Any = target.channel.unary_unary(path, request_serializer=None, response_deserializer=None)
            await unary(raw, timeout=UNARY_SECONDS, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        code = error.code()
        told = f"{error.details()} {error.trailing_metadata()}"
        where = f"{method.full_name} {code.name} {error.details()} for {raw[:2000]!r}"
        assert code not in BUGS, where
        assert code is not grpc.StatusCode.DEADLINE_EXCEEDED or method.server_streaming, where
        assert not any(canary in told for canary in target.canaries), "a secret came back"
        assert "Traceback" not in told, where
        return code
    return grpc.StatusCode.OK


async def examine(
    target: Target, method: MethodDescriptor, known: Sequence[str], count: int, tally: Tally | None = None
) -> Tally:
    """Sends `count` messages to a method, a few at a time, and returns what came back; raises the assertions of `ask`."""
    tally = tally or Tally()
    messages = list(cases(method, known, count))
    for start in range(0, len(messages), AT_ONCE):
        async with asyncio.timeout(UNARY_SECONDS + 40):
            codes = await asyncio.gather(*(ask(target, method, raw) for raw in messages[start : start + AT_ONCE]))
        tally.statuses.update(code.name for code in codes)
        tally.cases[method.full_name] += len(codes)
    return tally


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
