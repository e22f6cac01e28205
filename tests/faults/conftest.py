"""Fixtures of the fault tests, and who is asked for: power cuts only with `SFD_POWER_CUT=1`, which needs root and a loop device."""

from __future__ import annotations

import os

import pytest

from tests.faults.stage import fresh_stage

__all__ = ["fresh_stage"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves power cuts out unless they were asked for; when they were, a machine that cannot fails."""
    if os.environ.get("SFD_POWER_CUT") == "1":
        return
    left_out = [item for item in items if item.get_closest_marker("power_cut")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
