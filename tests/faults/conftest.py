"""Fixtures of the fault tests."""

from __future__ import annotations

from tests.faults.stage import fresh_stage

__all__ = ["fresh_stage"]
