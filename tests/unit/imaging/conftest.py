"""The fixture of this folder's tests."""

from __future__ import annotations

from tests.unit.worker_bench import bench

__all__ = ["bench"]
