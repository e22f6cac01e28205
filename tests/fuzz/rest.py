"""Fuzzing of the REST surface from its own document: what is asked comes from schemathesis, what must hold is said here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks as known_checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation

from services.gateway.views.errors import shape_of

known_checks.load_all_checks()
CHECKS: list[Any] = [
    check
    for check in known_checks.CHECKS.get_all()
    # The contract ignores fields that it does not know, and what fits a schema may still name something that is not there.
    if check.__name__ not in ("negative_data_rejection", "positive_data_acceptance")
]
SECONDS = 15.0
_STREAMS = "text/event-stream"


@dataclass
class Tally:
    """How many requests were made, by operation, and which statuses came back."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Target:
    """Where to ask, as whom, which ids exist by the name of their parameter, and which words must never come back."""

    url: str
    key: str
    known: Mapping[str, Sequence[str]]
    canaries: tuple[str, ...]


def operations(document: dict[str, Any]) -> list[APIOperation[Any, Any, Any, Any]]:
    """Returns every operation of a document."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document)))
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


def examine(operation: APIOperation[Any, Any, Any, Any], target: Target, examples: int, tally: Tally) -> None:
    """Asks `examples` times, half of them with what fits the schema and half with what does not.

    Raises an assertion with the smallest request that shows what is wrong. Blocks: call it in a thread.
    """
    label = f"{operation.method.upper()} {operation.path}"
    with requests.Session() as session:
        session.trust_env = False
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if mode is GenerationMode.NEGATIVE and not _can_be_wrong(operation):
                continue

            @settings(
                max_examples=max(1, examples // 2),
                deadline=None,
                database=None,
                derandomize=True,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), pick=st.integers(0, 7))
            def ask(case: Case[Any], pick: int) -> None:
                for name in list(case.path_parameters or {}):
                    ids = target.known.get(name, ())
                    if ids and pick < 6:
                        case.path_parameters[name] = ids[pick % len(ids)]
                tally.cases[label] += 1
                tally.statuses[_asked(case, session, target)] += 1

            ask()


def _asked(case: Case[Any], session: requests.Session, target: Target) -> int:
    asked = case.as_transport_kwargs(base_url=target.url, headers={"X-API-Key": target.key})
    # Nobody works here: what answers with a product must not be waited for.
    asked["headers"].setdefault("Prefer", "wait=0")
    answer = session.request(**asked, timeout=SECONDS, stream=True, allow_redirects=False)
    try:
        if _STREAMS in answer.headers.get("content-type", ""):
            # It goes on for as long as one listens: the head says enough.
            return answer.status_code
        content = answer.content
    finally:
        answer.close()
    told = answer.headers.get("x-request-id", "")
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", told), "no request id"
    for canary in target.canaries:
        assert canary not in answer.text, "a secret came back"
        assert canary not in str(answer.headers), "a secret came back in a header"
    assert "Traceback" not in answer.text
    # Away, or too slow, is an honest answer of a machine under load; a bug is not.
    assert answer.status_code < 500 or answer.status_code in (503, 504), answer.text
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        body = json.loads(content)
        assert set(body) >= set(shape_of(case.operation.path).model.model_fields)
        assert body["request_id"] == told
    if answer.status_code < 500:
        case.validate_response(
            answer, checks=CHECKS, headers={"X-API-Key": target.key}, transport_kwargs={"timeout": SECONDS}
        )
    return answer.status_code


def _can_be_wrong(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    return bool(operation.body) or bool(operation.query) or bool(operation.headers) or bool(operation.path_parameters)
