"""Answers of the asset library as models, for the documentation only; `kit.library_json` builds the metadata object."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class LibraryMetadata(BaseModel):
    """One asset. Custom keys of the upload stand beside these."""

    model_config = ConfigDict(extra="allow")

    asset_id: str
    user_id: str
    project_name: str
    asset_type: Literal["image", "video", "text"]
    tag: Literal["character", "storyboard", "clip"]
    filename: str
    created_at: str
    updated_at: str
    file_size: int
    size_bytes: int
    r2_key: str
    public_url: str
    content_type: str


class LibraryList(BaseModel):
    """A page of a project; `total` counts all pages, `cursor` is null at the end."""

    assets: list[LibraryMetadata]
    total: int
    user_id: str
    project_name: str
    cursor: str | None = None


class UploadReply(BaseModel):
    """What was stored."""

    asset_id: str
    asset_type: str
    tag: str
    r2_key: str
    public_url: str
    created_at: str
    file_size: int
    size_bytes: int
    content_type: str
    filename: str


class DeleteReply(BaseModel):
    """It is gone."""

    success: bool
    message: str


UPLOAD_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "project_name", "asset_type", "tag"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "user_id": {"type": "string", "default": "10000"},
                        "project_name": {"type": "string"},
                        "asset_type": {"type": "string", "enum": ["image", "video", "text"]},
                        "tag": {"type": "string", "enum": ["character", "storyboard", "clip"]},
                        "metadata": {"type": "string", "description": "A JSON object of custom keys"},
                    },
                }
            }
        },
    }
}
"""The form of an upload."""
