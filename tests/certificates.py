"""A certificate for this machine, for tests over TLS."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

CAN_BE_MADE = shutil.which("openssl") is not None


def make(folder: Path, names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """The certificate and its key."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wanted = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=local"
    where = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(
        ["openssl", *wanted.split(), "-addext", f"subjectAltName={names}", *where],
        check=True,
        capture_output=True,
    )
    return certificate, key


def serving(certificate: Path, key: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls
