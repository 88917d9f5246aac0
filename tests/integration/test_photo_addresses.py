"""Addresses of photos: nobody who names one makes us look where only we can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ImageUrlFailed, ImageUrlRefused, LikenessError
from tests import certificates
from tests.internet import INSIDE, NAME, PUBLIC, Internet, answer, moved
from tests.photos import jpeg

pytestmark = pytest.mark.skipif(
    not certificates.CAN_BE_MADE, reason="openssl makes the certificate"
)

HOSTS = {
    "version 4": """127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.254 192.168.0.1
        169.254.169.254 100.64.0.1 100.100.100.200 192.0.0.192 168.63.129.16 198.18.0.1 192.0.2.1
        224.0.0.1 240.0.0.1 255.255.255.255""",
    "its other forms": """127.1 127.0.1 0 2130706433 0x7f000001 0x7F.0.0.1 0x7f.1 017700000001
        0177.0.0.1 0177.1 127.0.0.01 127.000.000.001 127.0.0.1. 0x 1.2.3.4.5 256.256.256.256
        2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518""",
    "version 6": """[::1] [::] [0:0:0:0:0:0:0:1] [fe80::1] [fc00::1] [fd00:ec2::254] [fec0::1]
        [ff02::1] [100::1] [2001:db8::1] [3fff::1] [5f00::1] [v1.fe]""",
    "version 4 in version 6": """[::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
        [::ffff:0:127.0.0.1] [::ffff:169.254.169.254] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1]
        [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:a9fe:a9fe::1]
        [2001:0:7f00:1::1] [2001:0:4136:e378:8000:63bf:80ff:fffe]""",
    "zones": "[fe80::1%lo] [fe80::1%25lo] [::1%25lo] [::1%1]",
    "encoded": """%31%32%37.0.0.1 127%2e0%2e0%2e1 loc%61lhost １２７.０.０.１ 127。0。0。1 ①②⑦.⓪.⓪.①
        ⓛⓞⓒⓐⓛⓗⓞⓢⓣ photos.example%00.127.0.0.1""",
    "names": """localhost LOCALHOST localhost. a.localhost localhost.localdomain printer.local
        metadata.google.internal intranet ip6-localhost _ -.example a..example .example""",
    "what names mean": """loopback.example six.example mapped.example nat64.example zone.example
        private.example metadata.example mixed.example turned.example nothing.example
        unknown.example LOOPBACK.EXAMPLE loopback.example. ⓛoopback.example""",
    "who": "me@127.0.0.1 photos.example@127.0.0.1 photos.example:443@127.0.0.1 me:pw@[::1] @127.1",
}
MEANT = {
    "loopback.example": [INSIDE],
    "six.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "nat64.example": ["64:ff9b::7f00:1"],
    "zone.example": ["fe80::1%lo"],
    "private.example": ["10.1.2.3"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": [PUBLIC, INSIDE],
    "turned.example": [INSIDE, PUBLIC],
    "nothing.example": [],
}
TO_HOSTS = [f"https://{host}:PORT/a.jpg" for hosts in HOSTS.values() for host in hosts.split()]
OTHER = [
    *(f"https://{NAME}:{port}/a.jpg" for port in ("22", "8080", "0", "65536", "-1", "٤٤٣", "x")),
    *(f"{scheme}://127.0.0.1:PORT/a.jpg" for scheme in ("http", "ftp", "gopher", "ws", "h ttps")),
    *("file:///etc/passwd", "file://127.0.0.1:PORT/a.jpg", "data:image/jpeg;base64,/9j/"),
    *("jar:https://127.0.0.1:PORT!/a.jpg", "javascript:0", "unix:///var/run/docker.sock"),
    *("https:127.0.0.1:PORT/a.jpg", "https:/127.0.0.1:PORT/a.jpg", "https:///127.0.0.1:PORT/a"),
    *("https://", "https://:PORT", "https://?", "https://[::1", "https://::1:PORT/a.jpg"),
    *("https://127.0.0.1\\@photos.example/", "https://photos.example\\@127.0.0.1:PORT/"),
    *("https://127.0.0.1:PORT\t/a.jpg", "https://127.0.\n0.1:PORT/a.jpg", "ht\ntps://127.0.0.1/"),
    *("https://photos.example /a.jpg", "https://127.0.0.1:PORT/\r\nHost: other", "\x00https://a.b"),
    f"https://me:secret@{NAME}:SAFE/a.jpg",
    f"https://{NAME}:SAFE/{'a' * 4096}",
]
NOWHERE = ["", "a.jpg", "//127.0.0.1:PORT/a.jpg", f"{NAME}/a.jpg"]
"""These are to be read beside another, and as such no wrong answer to a request."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Internet]:
    internet = Internet(tmp_path_factory.mktemp("internet"))
    internet.names |= MEANT
    yield internet
    internet.close()


def at(internet: Internet, form: str) -> str:
    return form.replace("PORT", str(internet.inside_port)).replace("SAFE", str(internet.safe.port))


def test_there_are_enough_of_them() -> None:
    assert len({*TO_HOSTS, *OTHER, *NOWHERE}) > 100


@pytest.mark.parametrize("form", [*TO_HOSTS, *OTHER, *NOWHERE])
def test_an_address_that_is_not_public_is_refused(world: Internet, form: str) -> None:
    visited = world.safe.visits
    with pytest.raises(ImageUrlRefused) as refused:
        world.fetch(at(world, form))
    assert "127" not in refused.value.detail and "10.1" not in refused.value.detail
    assert (world.visits_inside, world.safe.visits) == (0, visited)


@pytest.mark.parametrize("form", [form for form in TO_HOSTS + OTHER if form.isprintable()])
def test_it_is_refused_where_a_public_one_sends_on_to_it(world: Internet, form: str) -> None:
    world.safe.serve = moved(at(world, form))
    visited = world.safe.visits
    with pytest.raises(LikenessError) as refused:
        world.fetch(world.url())
    assert isinstance(refused.value, ImageUrlRefused | ImageUrlFailed)
    assert world.visits_inside == 0
    assert "127" not in refused.value.detail
    # An address that names no host is one at the server that sends on, which does so again.
    if isinstance(refused.value, ImageUrlRefused):
        assert world.safe.visits == visited + 1


@pytest.mark.parametrize("form", TO_HOSTS + OTHER)
def test_nor_is_it_visited_where_http_is_allowed(world: Internet, form: str) -> None:
    with pytest.raises(ImageUrlRefused):
        plain = at(world, form).replace("https:", "http:", 1)
        world.fetcher(allow_http=True).fetch(plain, monotonic() + 20)
    assert world.visits_inside == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "loopback.example", "mixed.example", "[::1]"])
def test_what_is_inside_would_have_been_visited(tmp_path: Path, host: str) -> None:
    """Else it would say nothing that nobody came."""
    internet = Internet(tmp_path)
    internet.names |= {**MEANT, "mixed.example": [INSIDE, PUBLIC]}
    if host == "[::1]" and len(internet.inside) == 1:
        pytest.skip("this machine has no version 6")
    for server in internet.inside:
        server.serve = answer(jpeg(1))
    careless = internet.fetcher(allow_http=True, everything_is_public=True)
    url = f"http://{host}:{internet.inside_port}/a.jpg"
    assert careless.fetch(url, monotonic() + 20) == jpeg(1)
    assert internet.visits_inside == 1
    internet.close()


def test_a_name_that_turns_inside_is_looked_up_once(world: Internet) -> None:
    """Who checks first and connects to the name afterwards is led inside in between."""
    meant = iter([[PUBLIC], [INSIDE], [INSIDE]])
    fetcher = world.fetcher(resolve=lambda _: next(meant))
    world.safe.serve = answer(jpeg(3))
    assert fetcher.fetch(world.url(), monotonic() + 20) == jpeg(3)
    assert world.visits_inside == 0
    with pytest.raises(ImageUrlRefused):
        fetcher.fetch(world.url(), monotonic() + 20)


def test_a_name_that_turns_inside_between_two_redirects_is_refused(world: Internet) -> None:
    meant = iter([[PUBLIC], [INSIDE]])
    fetcher = world.fetcher(resolve=lambda _: next(meant))
    world.safe.serve = moved("/again.jpg")
    with pytest.raises(ImageUrlRefused):
        fetcher.fetch(world.url(), monotonic() + 20)
    assert world.visits_inside == 0


PIECES = st.sampled_from(
    [
        *("https:", "http:", "//", "/", "\\", "@", ":", "?", "#", "[", "]", "%", ".", "..", "%2e"),
        *("PORT", "SAFE", NAME, "127.0.0.1", "localhost", "::1", "::ffff:", "127.1", "0x7f.1", "0"),
        *("inside.example", "。", "１２７", "%00", "%40", "\t", "\n", " ", "\u200b", "\u00ad", ";"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(parts=st.lists(PIECES | st.text(max_size=3), max_size=12), sent_on=st.booleans())
def test_whatever_an_address_is_made_of_it_leads_not_inside(
    world: Internet, parts: list[str], sent_on: bool
) -> None:
    """Where every name but one means what is inside."""
    url = at(world, "".join(["https://", *parts]))
    fetcher = world.fetcher(
        allow_http=True, resolve=lambda name: [PUBLIC if name == NAME else INSIDE]
    )
    world.safe.serve = answer(jpeg(3))
    if sent_on and max(url) < "\ud800":
        world.safe.serve, url = moved(url), world.url()
    with suppress(LikenessError):
        fetcher.fetch(url, monotonic() + 20)
    assert world.visits_inside == 0


def test_who_asks_does_not_learn_which_names_there_are_inside(world: Internet) -> None:
    told = set()
    for name in ("loopback.example", "private.example", "unknown.example", "nothing.example"):
        with pytest.raises(ImageUrlRefused) as refused:
            world.fetch(world.url(name=name))
        told.add(refused.value.detail)
    assert len(told) == 1
