"""Whether what was put together works, as the last step of the build: a file too few, or a
processor that some library can't do with, is found here and not by the first shopper.

MODEL=mini python3 -m scripts.image.smoke   (in the image's own folder)
"""

from __future__ import annotations

import hashlib
import io
import os
import pkgutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from types import ModuleType
from urllib.error import HTTPError
from urllib.request import urlopen

from scripts.image.contents import DOORS, EMBEDDED, SERVICES, asked_for_embedded

NOBODY = "http://127.0.0.1:9"
"""Where nobody answers. No door waits for Qdrant to begin, and none asks AWS before it must."""
CLOUD = {
    "QDRANT_URL": NOBODY,
    "IMAGE_BUCKET": "smoke",
    "CACHE_TABLE": "smoke",
    "INDEX_QUEUE_URL": f"{NOBODY}/smoke",
    "ADMIN_KEYS": "only-for-the-build",
    "AWS_REGION": "eu-west-1",
    "AWS_ENDPOINT_URL": NOBODY,
    "AWS_EC2_METADATA_DISABLED": "true",
}
PATIENCE_SECONDS = 60
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")


def main() -> None:
    os.environ.update(CLOUD)
    read = embed_something(os.environ["MODEL"])
    for service in SERVICES:
        describe(service)
    count = sum(1 for _ in import_everything())
    serve()
    print(f"smoke: {read}; {len(SERVICES)} services; {count} modules of ours; the server answers")


def embed_something(model: str) -> str:
    from core.clip.embedder import whole
    from core.clip.loading import Loading

    directory = os.environ.get("MODEL_DIR")
    loading = Loading(model, Path(directory) if directory else None)
    for name, file in loading.manifest.files.items():
        # A start looks only at the size of large files: the time to look closer is now.
        if hashlib.sha256((loading.folder / name).read_bytes()).hexdigest() != file.sha256:
            raise SystemExit(f"{loading.folder / name} is not the file its manifest says.")
    embedder = whole(loading)
    embedder.words("a red mug")
    for kind in FORMATS:
        embedder.photo(_picture(kind))
    return f"{embedder.model} embeds words, {', '.join(FORMATS)}"


def describe(service: str) -> None:
    from core.stores.aws import connect

    connect(service)


def import_everything() -> Iterator[ModuleType]:
    """Every module of the doors and of what is behind them; but not what needs the engine in the
    process where that was left out."""
    for name in DOORS:
        yield from _inside(import_module(name))


def _inside(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        try:
            module = import_module(found.name)
        except ModuleNotFoundError as missing:
            if missing.name in EMBEDDED.values() and not asked_for_embedded():
                continue
            raise
        if found.ispkg:
            yield from _inside(module)
        else:
            yield module


def serve() -> None:
    """The server imports some of what it needs only once it serves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "handlers.server"]
    with subprocess.Popen(command, env=os.environ | {"PORT": str(port)}) as server:
        try:
            until = monotonic() + PATIENCE_SECONDS
            while not _answers(f"http://127.0.0.1:{port}/api/v1/health"):
                if server.poll() is not None or monotonic() > until:
                    raise SystemExit("The server does not answer; the lines above say why.")
                sleep(0.05)
        finally:
            server.terminate()
    if server.returncode:
        raise SystemExit(f"The server ended with {server.returncode} when it was asked to end.")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=10):  # noqa: S310
            return True
    except HTTPError:
        return True  # it is not healthy without its Qdrant, and says so
    except OSError:
        return False


def _picture(kind: str) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (320, 240), (200, 40, 40)).save(out, kind)
    return out.getvalue()


if __name__ == "__main__":
    main()
