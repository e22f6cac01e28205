"""The vendors whose keys users can bring. An SDK is imported when its vendor is first asked; it costs tens of MiB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, TypeAlias

from services.video.config import VideoSettings

OpenFilmer: TypeAlias = Callable[[Mapping[str, str], str, float], Any]
"""`open_filmer` of an adapter's module: (key parts, base URL, seconds a submit may take) -> adapter with `check_key`."""


class KeyVendor(Protocol):
    """A vendor of which keys are taken: `load` imports its adapter."""

    @property
    def load(self) -> Callable[[], OpenFilmer]: ...
    @property
    def base_url(self) -> str: ...


@dataclass(frozen=True)
class AdapterVendor:
    """A vendor with an adapter in `services.video.providers`; an empty `base_url` is the vendor's own address."""

    module: str
    base_url: str = ""

    @property
    def load(self) -> Callable[[], OpenFilmer]:
        """Imports the adapter and returns its `open_filmer`."""

        def load() -> OpenFilmer:
            found: OpenFilmer = import_module(f"services.video.providers.{self.module}").open_filmer
            return found

        return load


def key_vendors(settings: VideoSettings) -> dict[str, KeyVendor]:
    """Returns the vendors by name."""
    return {
        "fal": AdapterVendor("fal"),
        "gemini": AdapterVendor("veo"),
        "luma": AdapterVendor("luma"),
        "openai": AdapterVendor("openai", settings.films_base),
        "replicate": AdapterVendor("replicate"),
        "runway": AdapterVendor("runway"),
    }
