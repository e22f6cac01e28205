"""All film vendors by name: where their adapter is, where they are reached, and the operator's keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from kit.callbacks import url
from kit.jsonio import load_object
from kit.providers.catalogue import Catalogue, house
from kit.providers.plugin import PluginFilmer, VideoProvider, discovered, rows_of
from services.video.config import VideoSettings
from services.video.vendors import OpenFilmer, Vendor

_ADAPTERS = "services.video.providers"


def film_vendors(settings: VideoSettings) -> dict[str, Vendor]:
    """Returns the vendors; a new one needs one line here, its settings, and one in `operator_keys`."""
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
    keys = {
        "openai": settings.films_key,
        "gemini": settings.gemini_api_key,
        "runway": settings.runway_api_key,
        "luma": settings.luma_api_key,
        "fal": settings.fal_api_key,
        "replicate": settings.replicate_api_key,
        "kling": settings.kling_api_key,
        "minimax": settings.minimax_api_key,
        "seedance": settings.ark_api_key,
    }
    own = {vendor: key.get_secret_value() for vendor, key in keys.items()}
    installed = discovered()
    return {name: key for name, key in _provider_keys(settings).items() if name in installed} | own


def catalogue_of(settings: VideoSettings) -> Catalogue:
    """Returns the house's catalogue with the rows of installed providers that have a key of the operator."""
    base, installed = house(), discovered()
    rows = [
        row
        for name, key in _provider_keys(settings).items()
        if name in installed and name not in base.vendors("video")
        for row in rows_of(name, installed[name](key))
    ]
    return base.extended(rows).with_key_slots("video", settings.key_slots)


def _provider_keys(settings: VideoSettings) -> dict[str, str]:
    return {name: str(key) for name, key in load_object(settings.provider_keys.get_secret_value(), "keys").items()}


def _plugins() -> dict[str, Vendor]:
    return {name: Vendor(_plugin(name, make)) for name, make in discovered().items()}


def _plugin(name: str, make: Callable[[str], VideoProvider]) -> Callable[[], OpenFilmer]:
    def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> PluginFilmer:
        return PluginFilmer(name, make(key["api_key"]), seconds)

    return lambda: open_filmer


def callbacks(settings: VideoSettings) -> Callable[[str, str, str], str]:
    """Returns the function that gives the URL at which a vendor may call back: (vendor, model, submission) -> URL or empty."""
    secret = settings.internal_secret.get_secret_value()

    def url_for(vendor: str, model: str, submission: str) -> str:
        known = next((m for m in house().models if (m.kind, m.vendor, m.id) == ("video", vendor, model)), None)
        calls = known is not None and known.film is not None and known.film.callbacks
        return url(settings.public_url, secret, vendor, submission) if settings.vendor_callbacks and calls else ""

    return url_for


def _adapter(module: str) -> Callable[[], OpenFilmer]:
    def load() -> OpenFilmer:
        found: OpenFilmer = import_module(f"{_ADAPTERS}.{module}").open_filmer
        return found

    return load
