"""All film vendors by name: where their adapter is, where they are reached, and the operator's keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

import structlog

from kit.providers.catalogue import Catalogue, Model, house
from kit.providers.plugin import PluginFilmer, VideoProvider, discovered, rows_of
from services.video.callbacks import Callbacks
from services.video.config import VideoSettings
from services.video.vendors import OpenFilmer, Vendor

log = structlog.get_logger("video")
_ADAPTERS = "services.video.providers"


def film_vendors(settings: VideoSettings) -> dict[str, Vendor]:
    """Returns the vendors; a new one needs one line here, and its settings (`kit/providers/film_keys.py`)."""
    return _plugins() | {
        "openai": Vendor(_adapter("openai"), settings.films_base),
        "gemini": Vendor(_adapter("veo"), settings.veo_api_base),
        "runway": Vendor(_adapter("runway"), settings.runway_api_base),
        "luma": Vendor(_adapter("luma"), settings.luma_api_base),
        "fal": Vendor(_adapter("fal"), settings.fal_api_base),
        "replicate": Vendor(_adapter("replicate"), settings.replicate_api_base),
        "kling": Vendor(_adapter("kling"), settings.kling_api_base),
        "minimax": Vendor(_adapter("minimax"), settings.minimax_api_base),
        "seedance": Vendor(_adapter("seedance"), settings.ark_api_base),
    }


def operator_keys(settings: VideoSettings) -> Mapping[str, str]:
    """Returns the operator's key of each vendor; empty where there is none."""
    installed = discovered()
    return {name: key for name, key in settings.own_providers.items() if name in installed} | dict(settings.film_keys)


def catalogue_of(settings: VideoSettings) -> Catalogue:
    """Returns the house's catalogue with the rows of installed providers, whether or not the operator has a key of them.

    One that says nothing of itself without a key is left out until the operator has one.
    """
    base, keys = house(), settings.own_providers
    rows: list[Model] = []
    for name, make in discovered().items():
        if name in base.vendors("video"):
            continue
        try:
            rows += rows_of(name, make(keys.get(name, "")))
        except Exception as error:
            if name in keys:
                raise
            # The text of a stranger's exception is not ours to show.
            log.warning("provider_left_out", provider=name, error=type(error).__name__)
    return base.extended(rows)


def _plugins() -> dict[str, Vendor]:
    return {name: Vendor(_plugin(name, make)) for name, make in discovered().items()}


def _plugin(name: str, make: Callable[[str], VideoProvider]) -> Callable[[], OpenFilmer]:
    def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> PluginFilmer:
        return PluginFilmer(name, make(key["api_key"]), seconds)

    return lambda: open_filmer


def callbacks_of(settings: VideoSettings) -> Callbacks:
    """Returns who calls back and where."""
    return Callbacks(
        catalogue_of(settings),
        settings.public_url if settings.vendor_callbacks else "",
        settings.internal_secret.get_secret_value(),
        settings.callback_poll_seconds,
        openai_pushes=bool(settings.openai_webhook_secret.get_secret_value()),
    )


def _adapter(module: str) -> Callable[[], OpenFilmer]:
    def load() -> OpenFilmer:
        found: OpenFilmer = import_module(f"{_ADAPTERS}.{module}").open_filmer
        return found

    return load
