"""What a URL of a user may look like, before anything is asked of the network."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import idna

from kit.egress.addresses import Address, Network, is_public, parse
from kit.errors import InvalidInput

MAX_URL = 2048
_URL = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that resolvers answer by themselves or inside of a site only.
_INNER = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion")
_PORTS = {"http": 80, "https": 443}


class Blocked(InvalidInput):
    """The URL leads, or may lead, where users must not send us."""

    default_reason = "url_blocked"


@dataclass(frozen=True)
class Allowed:
    """What the operator lets through besides: hosts and networks, with http and any port."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Allowed:
        """Returns what a list of hosts and CIDRs between commas allows; raises ValueError with the wrong part."""
        hosts, networks = set[str](), list[Network]()
        for part in filter(None, (part.strip().lower() for part in text.split(","))):
            try:
                networks.append(ipaddress.ip_network(part))
            except ValueError:
                if "/" in part or not all(_LABEL.fullmatch(label) for label in part.split(".")):
                    raise ValueError(f"{part!r} is neither a host nor a network such as 10.1.0.0/16") from None
                hosts.add(part)
        return cls(frozenset(hosts), tuple(networks))

    def has(self, host: str) -> bool:
        """Returns whether the host of a URL is allowed by its name or as an address."""
        address = parse(host)
        return host in self.hosts or (address is not None and self.includes(address))

    def includes(self, address: Address) -> bool:
        """Returns whether an address is in one of the networks."""
        return any(address.version == network.version and address in network for network in self.networks)


@dataclass(frozen=True)
class Rules:
    """What one purpose permits. The default is for webhooks: https on port 443."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({443})
    allowed: Allowed = field(default_factory=Allowed)

    def refuse_address(self, host: str, text: str) -> str:
        """Returns why the address that a name resolved to must not be connected to; empty when it may."""
        address = parse(text)
        if address is None:
            return "its host has no usable address"
        if is_public(address) or host in self.allowed.hosts or self.allowed.includes(address):
            return ""
        return "its host is not a public one"


@dataclass(frozen=True)
class Target:
    """A checked URL in parts. `path` includes the query and is never logged."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def check_url(url: str, rules: Rules, name: str = "url") -> Target:
    """Returns the parts of a URL that users may send us to; raises `Blocked` with `name` as its field.

    Nothing is resolved here: the addresses of a name are checked when it is connected to, at each time.
    """
    refuse = _Refusal(name)
    if len(url.encode("utf-8", "surrogatepass")) > MAX_URL:
        raise refuse(f"is longer than {MAX_URL} bytes")
    if _URL.fullmatch(url) is None or "#" in url:
        # No blanks, control characters, backslashes, fragments, nor letters that another reader would turn into ASCII.
        raise refuse("has characters that do not belong into a URL; names in other scripts are written as xn--")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refuse("is not a URL") from None
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    if scheme not in _PORTS or not url[len(scheme) :].startswith("://"):
        raise refuse(f"needs {' or '.join(sorted(rules.schemes))}")
    if "@" in parts.netloc:
        raise refuse("must not hold a user or a password")
    _check_host(host, parts.netloc, rules, refuse)
    free = rules.allowed.has(host)
    if scheme not in rules.schemes and not free:
        raise refuse(f"needs {' or '.join(sorted(rules.schemes))}")
    port = _PORTS[scheme] if port is None else port
    if not 1 <= port <= 65535 or (port not in rules.ports and not free):
        raise refuse(f"must use port {' or '.join(str(one) for one in sorted(rules.ports))}")
    path = parts.path or "/"
    return Target(scheme, host, port, f"{path}?{parts.query}" if parts.query else path)


def _check_host(host: str, netloc: str, rules: Rules, refuse: _Refusal) -> None:
    if netloc.startswith("["):
        address = parse(host)
        if address is None or address.version != 6:
            raise refuse("has no usable host")
        if not is_public(address) and not rules.allowed.has(host):
            raise refuse("has a host that is not a public one")
        return
    labels = host.split(".")
    if not host or len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise refuse("has no usable host")
    if _NUMBER.fullmatch(labels[-1]):
        # Other readers take 2130706433, 0x7f.1 and 0177.0.0.1 for addresses too.
        address = parse(host)
        if address is None:
            raise refuse("has an address in an unusual spelling")
        if not is_public(address) and not rules.allowed.has(host):
            raise refuse("has a host that is not a public one")
        return
    if host in rules.allowed.hosts:
        return
    if len(labels) == 1 or host.endswith(tuple(f".{inner}" for inner in _INNER)):
        raise refuse("has a host that is not a public one")
    for label in labels:
        try:
            if label.startswith("xn--") and idna.encode(idna.decode(label)).decode() != label:
                raise refuse("has no usable host")
        except idna.IDNAError:
            raise refuse("has no usable host") from None


class _Refusal:
    """Makes the error for one field."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, what: str) -> Blocked:
        return Blocked(f"The URL {what}.", field=self._name)
