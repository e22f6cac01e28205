"""Who may use the media contract without a key: its clients know no login, so on its face they act as the built-in account."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import Scope

from services.gateway.views.faces import MEDIA

_PATHS = ("/v1/", "/videos/")
"""What the media contract has; dramas need their key on every face."""


class Keyless:
    """The rule `SFD_MEDIA_KEYLESS`: never, on loopback, or always."""

    def __init__(self, rule: str, *, on_loopback: bool, origins: Iterable[str] | None) -> None:
        self._open = rule == "always" or (rule == "loopback" and on_loopback)
        self._local_hosts_only = rule != "always"
        self._origins = frozenset(MEDIA.origins if origins is None else origins)

    @property
    def open(self) -> bool:
        """True when a request to the media face may come without a key."""
        return self._open

    def admits(self, scope: Scope) -> bool:
        """True for a request that acts as the built-in account though it brings no key.

        A browser tells which page asks (`Origin`): only the pages that may also read answers are let in. On loopback the host must be
        a name of this machine too: a page whose name was pointed here, and a proxy that serves the public, send another one.
        """
        if not self._open or scope.get("sfd.face") is not MEDIA or not scope["path"].startswith(_PATHS):
            return False
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1") not in self._origins:
            return False
        return not self._local_hosts_only or _is_local(headers.get(b"host", b"").decode("latin-1"))


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
