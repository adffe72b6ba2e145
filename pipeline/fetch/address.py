"""Which addresses a connection may go to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection

from pipeline.fetch.result import REFUSED, UNREACHABLE, Failed

Lookup = Callable[[str, int], list[str]]
"""Host name and port → IP addresses in the order to try. Raises OSError."""

_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet: not loopback, private, link-local, shared, reserved or multicast.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, Teredo, NAT64) is judged by both.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        carried = [ip.sixtofour, *(ip.teredo or ()), ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None]
        # ::/8 holds IPv4 in older spellings (compatible, translated)
        if ip.is_site_local or (ip.packed[0] == 0 and ip not in _NAT64) or ip in _LOCAL_NAT64:
            return False
        if not all(is_public(str(inner)) for inner in carried if inner):
            return False
    return ip.is_global and not ip.is_multicast


class Gate:
    """Turns a host into addresses that may be connected to.

    A public address always may. Any other may only if `named` holds exactly that host and port: the person who runs the
    program wrote it as a start URL, a page or a redirect did not.
    """

    def __init__(self, named: Collection[tuple[str, int]], lookup: Lookup = lookup) -> None:
        self._named = frozenset(named)
        self._lookup = lookup

    def __call__(self, host: str, port: int) -> list[str]:
        """The allowed addresses, at least one. Raises Failed(unreachable | refused)."""
        try:
            found = self._lookup(host, port)
        except (OSError, UnicodeError) as error:
            raise Failed(UNREACHABLE, f"the name {host} cannot be looked up") from error
        allowed = [address for address in found if (host, port) in self._named or is_public(address)]
        if not allowed:
            where = ", ".join(sorted(found)) or "no address"
            raise Failed(REFUSED, f"{host}:{port} is at {where}, which is not public, and no start URL names it")
        return allowed
