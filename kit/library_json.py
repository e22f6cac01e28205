"""The metadata object of the asset library as REST shows it and the bucket keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from kit.jsonio import load_object
from sfd.assets.v1.library_pb2 import LibraryAsset

SERVER_KEYS = frozenset(
    {
        *("asset_id", "user_id", "project_name", "asset_type", "tag", "filename", "created_at", "updated_at"),
        *("file_size", "size_bytes", "r2_key", "public_url", "content_type"),
    }
)
"""Fields of the object that only the server fills."""


def library_json(asset: LibraryAsset) -> dict[str, Any]:
    """Returns the metadata object: the contract's fields, and the custom ones beside them, never over them."""
    return {
        **own_labels(load_object(asset.metadata_json, "metadata_json")),
        "asset_id": asset.asset_id,
        "user_id": asset.user_id,
        "project_name": asset.project_name,
        "asset_type": asset.asset_type,
        "tag": asset.tag,
        "filename": asset.filename,
        "created_at": iso_z(asset.created_at),
        "updated_at": iso_z(asset.updated_at),
        "file_size": asset.file_size,
        "size_bytes": asset.file_size,
        "r2_key": asset.r2_key,
        "public_url": asset.public_url,
        "content_type": asset.content_type,
    }


def own_labels(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the labels without those that only the server fills."""
    return {name: value for name, value in labels.items() if name not in SERVER_KEYS}


def iso_z(moment: Timestamp | datetime) -> str:
    """Returns a moment as the contract writes it: UTC in ISO 8601 with microseconds and a Z."""
    aware: datetime = moment.ToDatetime(tzinfo=UTC) if isinstance(moment, Timestamp) else moment.astimezone(UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
