"""Every RPC there is gets fuzzed: a new one cannot be forgotten."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.fuzz.protobuf import methods_of
from tests.system.services import test_services_fuzz
from tests.system.storage import test_storage_fuzz

GEN = Path(__file__).resolve().parents[2] / "gen"


def test_every_method_is_fuzzed() -> None:
    files = [".".join(path.relative_to(GEN).with_suffix("").parts) for path in GEN.glob("sfd/**/*_service_pb2.py")]
    every = {method.full_name for method in methods_of(*(importlib.import_module(name) for name in files))}
    fuzzed = {method.full_name for method in test_storage_fuzz.METHODS}
    fuzzed |= {method.full_name for _, method in test_services_fuzz.METHODS}
    assert len(every) > 100
    assert fuzzed == every
