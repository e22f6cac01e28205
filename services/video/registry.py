"""All film vendors by name: where their adapter is, where they are reached, and the operator's keys.

Three kinds: the house's own, hosts that an operator describes as data (`SFD_FILM_HOSTS`), and installed providers of third parties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import structlog

from kit.errors import InvalidInput
from kit.providers.catalogue import Catalogue, Model, house
from kit.providers.plugin import PluginFilmer, VideoProvider, discovered, rows_of
from services.video.callbacks import Callbacks
from services.video.config import VideoSettings
from services.video.providers.hosts import TaskHost, load_hosts
from services.video.vendors import OpenFilmer, Vendor

log = structlog.get_logger("video")
_ADAPTERS = "services.video.providers"
_NOBODY = ("local", "auto")
"""Names that mean no vendor."""


def film_vendors(settings: VideoSettings) -> dict[str, Vendor]:
    """Returns the vendors; a new one needs one line in `_own` and its settings (`kit/providers/film_keys.py`).

    Raises `RuntimeError` for hosts of `SFD_FILM_HOSTS` that cannot be used, as `film_hosts`.
    """
    hosts = {name: Vendor(_host(host)) for name, host in film_hosts(settings).items()}
    return _plugins() | hosts | _own(settings)


def _own(settings: VideoSettings) -> dict[str, Vendor]:
    return {
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


def film_hosts(settings: VideoSettings) -> dict[str, TaskHost]:
    """Returns the hosts that are described as data, by name; none without `SFD_FILM_HOSTS`.

    Raises `RuntimeError` with the file for one that is not sound, whose name is taken, or of which the catalogue has no model: it would
    never be asked for anything.
    """
    if not settings.film_hosts:
        return {}
    found: dict[str, TaskHost] = {}
    try:
        hosts = load_hosts(Path(settings.film_hosts))
    except (InvalidInput, OSError) as error:
        raise RuntimeError(f"setting SFD_FILM_HOSTS: {error}") from error
    taken, known = {*_NOBODY, *_own(settings), *discovered()}, house().vendors("video")
    for host in hosts:
        if host.name in taken or host.name in found:
            raise RuntimeError(f"setting SFD_FILM_HOSTS: there is another vendor {host.name!r}")
        if host.name not in known:
            raise RuntimeError(
                f"setting SFD_FILM_HOSTS: the catalogue has no video model of {host.name!r}; see SFD_CATALOGUE"
            )
        found[host.name] = host
    return found


def operator_keys(settings: VideoSettings) -> Mapping[str, str]:
    """Returns the operator's key of each vendor; empty where there is none."""
    known = {*discovered(), *film_hosts(settings)}
    return {name: key for name, key in settings.own_providers.items() if name in known} | dict(settings.film_keys)


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
    return base.extended(rows).with_key_slots("video", settings.key_slots)


def _host(host: TaskHost) -> Callable[[], OpenFilmer]:
    def load() -> OpenFilmer:
        from services.video.providers.task_host import opener

        return opener(host)

    return load


def _plugins() -> dict[str, Vendor]:
    return {name: Vendor(_plugin(name, make)) for name, make in discovered().items()}


def _plugin(name: str, make: Callable[[str], VideoProvider]) -> Callable[[], OpenFilmer]:
    def open_filmer(key: Mapping[str, str], base_url: str, seconds: float) -> PluginFilmer:
        return PluginFilmer(name, make(key["api_key"]), seconds, api_key=key["api_key"])

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
