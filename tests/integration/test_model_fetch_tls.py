"""Fetching a model over TLS, as from the public hub, and through a proxy that only passes it on."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import pytest

from scripts.model.catalogue import WHOLE
from scripts.model.patience import FetchFailed
from tests.fakes.hub import FakeHub
from tests.integration.fetches import check, get, model

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl, which makes the certificate, is not here"
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wanted = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=hub"
    where = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", *wanted.split(), "-addext", "subjectAltName=IP:127.0.0.1", *where],
        check=True,
        capture_output=True,
    )
    return certificate, key


@pytest.fixture
def hub(certificate: tuple[Path, Path]) -> Iterator[FakeHub]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)
    with FakeHub(model(), tls=tls) as running:
        yield running


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def trusted(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@pytest.mark.usefixtures("trusted")
def test_over_tls(hub: FakeHub, tmp_path: Path) -> None:
    get(hub, tmp_path)
    check(tmp_path, hub)


def test_an_unknown_certificate_is_refused_at_once(hub: FakeHub, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"certificate of .* can't be verified .* SSL_CERT_FILE"):
        get(hub, tmp_path)
    assert not hub.seen


@pytest.mark.usefixtures("trusted")
def test_a_redirect_may_not_leave_tls(hub: FakeHub, tmp_path: Path) -> None:
    with FakeHub({WHOLE: hub.files[WHOLE]}) as plain:
        hub.linked[WHOLE] = f"{plain.url}/cdn/{{name}}"
        with pytest.raises(FetchFailed, match="not an https address"):
            get(hub, tmp_path)
        assert not plain.seen


class _Proxy(BaseRequestHandler):
    heads: list[bytes]

    def handle(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.request.recv(1)
        self.heads.append(head)
        host, port = head.split()[1].decode().split(":")
        with socket.create_connection((host, int(port))) as there:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(there, self.request))
            back.start()
            _pass_on(self.request, there)
            back.join()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # one of the two hung up


@pytest.mark.usefixtures("trusted")
def test_through_a_proxy(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[bytes] = []
    handler = type("Handler", (_Proxy,), {"heads": heads})
    with ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:p%40ss@{address}")
        get(hub, tmp_path, token="hf_secret")
        server.shutdown()
    check(tmp_path, hub)
    assert heads and all(b"Proxy-Authorization: Basic bWU6cEBzcw==" in head for head in heads)
    assert not any(b"hf_secret" in head for head in heads)
