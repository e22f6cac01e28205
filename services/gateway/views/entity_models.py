"""Bodies for what is below a drama: new entities, changes, and wishes for one picture or film."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AliasChoices, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.gateway.body import Body
from services.gateway.views.models import (
    MAX_LIST,
    AssetBody,
    CharacterBody,
    EpisodeBody,
    Id,
    MakersBody,
    Metadata,
    Name,
    SceneBody,
    Text,
    Url,
)

MAX_REFERENCES = 3
Position = Annotated[int | None, Field(ge=0, le=2**31 - 1)]
Seconds = Annotated[int, Field(ge=1, le=3600)]


def _reachable(url: str) -> str:
    try:
        parts = urlsplit(url)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        reachable = False
    if not reachable:
        raise PydanticCustomError("url_scheme", "Input should be an http or https URL")
    return url


Reference = Annotated[
    str, StringConstraints(max_length=2048), AfterValidator(_reachable), Field(json_schema_extra={"format": "uri"})
]


class NewCharacterBody(CharacterBody):
    """A new member of the cast. `position` counts from 0; without it the new one comes last."""

    position: Position = None


class NewEpisodeBody(EpisodeBody):
    """A new episode. `position` counts from 0; without it the new one comes last."""

    position: Position = None


class NewSceneBody(SceneBody):
    """A new scene. `position` counts from 0; without it the new one comes last."""

    position: Position = None


class NewAssetBody(AssetBody):
    """A new asset. `position` counts from 0; without it the new one comes last."""

    position: Position = None


def _without_defaults(schema: dict[str, Any]) -> None:
    # A generated client that filled them in would clear what it did not mean to touch.
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class ChangeBody(Body):
    """Base of changes: what was not sent has no value, and the documentation promises none."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)


class UpdateCharacterBody(ChangeBody):
    """Change: only keys that are present apply. A null clears a url or the metadata."""

    name: Name = ""
    description: Text = ""
    gender: Name = ""
    voice_description: Text = ""
    main: bool = False
    url: Url | None = None
    premise_url: Url | None = None
    metadata: Metadata | None = None


class UpdateEpisodeBody(ChangeBody):
    """Change: only keys that are present apply. A null clears premise, url or metadata."""

    title: Name = ""
    description: Text = ""
    premise: Text | None = None
    url: Url | None = None
    metadata: Metadata | None = None


class UpdateSceneBody(ChangeBody):
    """Change: only keys that are present apply. A null clears a url or the metadata."""

    description: Text = ""
    image_url: Url | None = None
    video_url: Url | None = None
    metadata: Metadata | None = None


class UpdateAssetBody(ChangeBody):
    """Change: only keys that are present apply. A null clears duration, url or metadata."""

    kind: Literal["image", "video"] = "image"
    depends_on: list[Id] = Field(default=[], max_length=MAX_LIST)
    prompt: Text = ""
    duration: Seconds | None = None
    url: Url | None = None
    metadata: Metadata | None = None


class GenerateAssetRequest(MakersBody):
    """A wish for one picture or film. Without a prompt it shows what the drama says."""

    prompt: Annotated[str, StringConstraints(max_length=8_000)] | None = None
    reference_images: list[Reference] | None = Field(
        default=None,
        max_length=MAX_REFERENCES,
        validation_alias=AliasChoices("reference_images", "referenceImages"),
    )
    duration: Seconds | None = None
    style: Name | None = None
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    ceiling_usd: float | None = Field(default=None, ge=0, le=1_000_000)


class RetryBody(Body):
    """How much doing it again may cost."""

    ceiling_usd: float | None = Field(default=None, ge=0, le=1_000_000)
