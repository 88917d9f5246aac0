"""What SAM takes for Docker and for ECR: podman's socket, a registry, a stub that gives logins."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests import certificates
from tests.e2e.running import eventually, free_port

_GRACE_SECONDS = 10
_REGISTRY = """
version: 0.1
storage: {{filesystem: {{rootdirectory: "{folder}/registry"}}}}
http: {{addr: "{address}", tls: {{certificate: "{certificate}", key: "{key}"}}}}
"""


@contextmanager
def docker(folder: Path) -> Iterator[tuple[dict[str, str], str]]:
    """The environment in which podman is Docker, and the address of a registry it trusts."""
    certificate, key = certificates.make(folder)
    address = f"127.0.0.1:{free_port()}"
    about = {"folder": folder, "address": address, "certificate": certificate, "key": key}
    settings = folder / "registry.yml"
    settings.write_text(_REGISTRY.format(**about))
    service = ["podman", "system", "service", "--time", "0", f"unix://{folder}/docker.sock"]
    trusting = {"SSL_CERT_FILE": str(certificate), "REGISTRY_AUTH_FILE": str(folder / "logins")}
    with (
        _running(["docker-registry", "serve", str(settings)], folder / "registry.log", {}),
        _running(service, folder / "podman.log", trusting),
        _logins(address) as ecr,
    ):
        eventually(lambda: _listens(address) and (folder / "docker.sock").exists(), 30)
        said = {"DOCKER_HOST": f"unix://{folder}/docker.sock", "AWS_ENDPOINT_URL_ECR": ecr}
        yield said, address


@contextmanager
def _running(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@contextmanager
def _logins(registry: str) -> Iterator[str]:
    """moto's own ECR sends whoever logs in to AWS."""
    data = {
        "authorizationToken": base64.b64encode(b"AWS:rehearsal").decode(),
        "expiresAt": time.time() + 3600,
        "proxyEndpoint": f"https://{registry}",
    }
    answer = json.dumps({"authorizationData": [data]}).encode()

    class Login(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(200)
            self.send_header("content-type", "application/x-amz-json-1.1")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Login) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
