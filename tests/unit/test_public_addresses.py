"""Which addresses are the public internet's, beside what Python knows of them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.photos.fetch.addresses import is_public

SPECIAL = [
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
INSIDE = st.sampled_from(SPECIAL).flatmap(lambda one: st.ip_addresses(v=4, network=str(one)))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
        *("172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "223.255.255.255"),
        *("2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:4860:4860::8888"),
        *("64:ff9b::8.8.8.8", "::ffff:8.8.8.8"),
    ],
)
def test_shops_photos_are_at_such(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("text", ["", "photos.example", "8.8.8", "8.8.8.8/32", "08.8.8.8", "::g"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@given(st.ip_addresses(v=4) | INSIDE)
def test_none_is_public_that_python_knows_to_be_special(address: IPv4Address) -> None:
    if is_public(str(address)):
        assert address.is_global and not address.is_multicast


@given(st.ip_addresses(v=6))
def test_nor_is_one_of_version_6(address: IPv6Address) -> None:
    if is_public(str(address)):
        assert address.is_global and not address.is_multicast


@given(INSIDE)
def test_one_inside_is_not_public_in_any_dress(address: IPv4Address) -> None:
    number = int(address)
    dresses = {
        "mapped": 0xFFFF << 32 | number,
        "compatible": number,
        "translated": 0xFFFF << 48 | number,
        "NAT64": 0x64FF9B << 96 | number,
        "a network's own NAT64": 0x64FF9B0001 << 80 | number,
        "6to4": 0x2002 << 112 | number << 80 | 1,
        "Teredo's server": 0x20010000 << 96 | number << 64,
        "Teredo's client": 0x20010000 << 96 | number ^ 0xFFFFFFFF,
    }
    public = {dress: is_public(str(IPv6Address(value))) for dress, value in dresses.items()}
    assert not is_public(str(address))
    assert not any(public.values()), public
