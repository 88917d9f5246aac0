"""Which addresses are the public internet's, and which lead back inside.

Written out instead of asked of `ipaddress`, whose opinion has changed from one Python to the next.
What is not known to be public is not: the registries of special addresses only grow.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_NOT_PUBLIC_V4 = [
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier, and some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by its number, and yet Azure's own, inside every machine of it
        "169.254.0.0/16",  # the link's own, and most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocols' own, and Oracle's metadata
        "192.0.2.0/24",  # documentation, as are the next three that look odd
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",  # measuring of networks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # many at once, the future, and everybody
    )
]
_PUBLIC_V6 = ip_network("2000::/3")
_NOT_PUBLIC_V6 = [
    ip_network(network)
    for network in (
        "2001::/23",  # protocols' own, Teredo among them, which has another address inside
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which has another address inside
        "3ffe::/16",  # given back
        "3fff::/20",  # documentation
    )
]
_NAT64 = ip_network("64:ff9b::/96")
"""Where there is no version 4, every address of it is told as one of these: the last 32 bits."""


def is_public(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        within = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if within is None:
            return ip in _PUBLIC_V6 and not any(ip in network for network in _NOT_PUBLIC_V6)
        ip = within
    return not any(ip in network for network in _NOT_PUBLIC_V4)


def addresses_of(name: str) -> Sequence[str]:
    """Every address that the machine's own resolver has for a name. It takes the time it takes."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))
