"""Bodies of the drama contract as models: they check what comes in and document what goes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, Field, StringConstraints
from pydantic_core import PydanticCustomError

from services.gateway.body import Body, StrictBody

ID_PATTERN = r"^[A-Za-z0-9._-]{1,128}$"
MAX_LIST = 1000

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Name = Annotated[str, StringConstraints(max_length=1000)]
Text = Annotated[str, StringConstraints(max_length=50_000)]


def _harmless(url: str) -> str:
    # Browsers read over white space and control characters in a scheme; whoever puts the URL into a link would run it.
    plain = "".join(c for c in url if c > " ").lower()
    if plain.startswith(("javascript:", "vbscript:")) or (
        plain.startswith("data:") and not plain.startswith(_PICTURES)
    ):
        raise PydanticCustomError("url_scheme", "The URL would be run, not shown")
    return url


_PICTURES = ("data:image/png", "data:image/jpeg", "data:image/webp")
Url = Annotated[str, StringConstraints(max_length=2048), AfterValidator(_harmless)]
Wish = Annotated[str, StringConstraints(max_length=8_000, pattern=r"\S")]
Model = Annotated[str, StringConstraints(max_length=128)]
Vendor = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9_-]*$")]
Metadata = dict[str, Any]


class AssetBody(Body):
    """A picture or film that a drama asks for."""

    id: Id
    kind: Literal["image", "video"]
    depends_on: list[Id] = Field(default=[], max_length=MAX_LIST)
    prompt: Text
    duration: int | None = Field(default=None, ge=1, le=3600)
    url: Url | None = None
    metadata: Metadata | None = None


class SceneBody(Body):
    """A scene."""

    id: Id
    description: Text
    image_url: Url | None = None
    video_url: Url | None = None
    assets: list[AssetBody] = Field(default=[], max_length=MAX_LIST)
    metadata: Metadata | None = None


class EpisodeBody(Body):
    """An episode."""

    id: Id
    title: Name
    description: Text
    premise: Text | None = None
    url: Url | None = None
    scenes: list[SceneBody] = Field(default=[], max_length=MAX_LIST)
    assets: list[AssetBody] = Field(default=[], max_length=MAX_LIST)
    metadata: Metadata | None = None


class CharacterBody(Body):
    """A member of the cast."""

    id: Id
    name: Name
    description: Text
    gender: Name
    voice_description: Text
    main: bool = False
    url: Url | None = None
    premise_url: Url | None = None
    assets: list[AssetBody] = Field(default=[], max_length=MAX_LIST)
    metadata: Metadata | None = None


class DramaBody(Body):
    """A whole drama."""

    id: Id
    title: Name
    description: Text
    premise: Text
    url: Url | None = None
    characters: list[CharacterBody] = Field(default=[], max_length=MAX_LIST)
    episodes: list[EpisodeBody] = Field(default=[], max_length=MAX_LIST)
    assets: list[AssetBody] = Field(default=[], max_length=MAX_LIST)
    metadata: Metadata | None = None


class PutDramaBody(Body):
    """Create, mode 3: a drama to store as it is."""

    drama: DramaBody


class CastBody(Body):
    """Who writes, draws and films."""

    writer: Vendor = ""
    writer_model: Model = ""
    painter: Vendor = ""
    painter_model: Model = ""
    filmer: Vendor = ""
    filmer_model: Model = ""


class MakersBody(Body):
    """What every wish may say about who does it."""

    model: Model | None = None
    provider: Vendor | None = None
    cast: CastBody | None = None


class CreateDramaBody(MakersBody):
    """Create, mode 1: a premise to write a drama from."""

    premise: Wish
    id: Id | None = None
    episodes: int | None = Field(default=None, ge=1, le=100)
    language: Literal["en", "zh", "ko"] | None = None
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)
    scenes: bool = False
    auditions: bool = False
    style: Name | None = None


class UpdateDramaBody(Body):
    """Change: only keys that are present apply, and a null does too."""

    title: Name | None = None
    description: Text | None = None
    premise: Text | None = None
    metadata: Metadata | None = None
    url: Url | None = None


class ImproveBody(MakersBody):
    """Feedback to write a drama anew with."""

    feedback: Wish
    newDramaId: Id | None = Field(default=None, validation_alias=AliasChoices("newDramaId", "new_drama_id"))


class CritiqueBody(MakersBody):
    """A wish for a critique."""


class ProduceBody(MakersBody):
    """How to produce."""

    force: bool = False
    ceiling_usd: float | None = Field(default=None, ge=0, le=1_000_000)
    style: Name | None = None
    seed: int | None = Field(default=None, ge=-(2**63), le=2**63 - 1)


class ExecuteBody(ProduceBody):
    """A wish for a production."""

    user_id: Name | None = "10000"
    project_name: Name | None = None
    resume: bool | None = False
    episodes: list[Id] | None = Field(default=None, max_length=MAX_LIST)


class AuditionBody(MakersBody):
    """A wish for an audition."""


class GraphqlBody(StrictBody):
    """A GraphQL document with its variables."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    variables: dict[str, Any] | None = None
    operationName: Annotated[str, StringConstraints(max_length=200)] | None = None
    extensions: dict[str, Any] | None = None


class ResolveBody(StrictBody):
    """A person's decision about a paid call of unknown outcome."""

    resolution: Literal["resubmit", "abandon"]
