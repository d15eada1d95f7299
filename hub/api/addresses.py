"""Where a request comes from: the address of whoever is behind the declared proxies, and whether that is near."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-real-ip")
"""Headers that a proxy leaves. One that nobody has declared could be anybody's."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """`proxies`: whose word on where a request comes from is taken; `trusted`: who needs no credential when none are
    asked for nearby; `callbacks`: where callbacks may come from, if not from anywhere."""

    proxies: Sequence[Network] = ()
    trusted: Sequence[Network] = ()
    callbacks: Sequence[Network] = ()

    def of(self, connection: HTTPConnection) -> str:
        """The nearest address that is no declared proxy's."""
        address = self._peer_of(connection)
        claimed = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
        while self.is_proxy(address) and claimed and (before := _read(claimed.pop())):
            address = str(before)
        return address

    def _peer_of(self, connection: HTTPConnection) -> str:
        """An IPv4 address is that, also on a socket of IPv6."""
        host = connection.client.host if connection.client else ""
        return str(_read(host) or host)

    def is_proxy(self, address: str) -> bool:
        return _is_in(address, self.proxies)

    def is_near(self, connection: HTTPConnection) -> bool:
        """From this machine or a trusted network, and certainly so: not by a proxy that does not say for whom."""
        address = self.of(connection)
        if self.is_proxy(self._peer_of(connection)):
            return not self.is_proxy(address) and _is_in(address, self.trusted)
        if any(name in connection.headers for name in FORWARDED):
            return False
        parsed = _read(address)
        return parsed is not None and (parsed.is_loopback or _is_in(address, self.trusted))

    def may_call_back(self, connection: HTTPConnection) -> bool:
        return not self.callbacks or _is_in(self.of(connection), self.callbacks)


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    parsed = _read(address)
    return parsed is not None and any(parsed in network for network in networks)


def _read(text: str) -> Address | None:
    """An address as proxies write it: perhaps in brackets, perhaps with a port."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
