"""The servers that are measured side by side: ours, and the peers once they are installed.

All answer the same requests on loopback. A measurement goes over them in rounds, every one once a
round, so that whatever else this machine does hits all of them alike.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from core.clip.loading import BUILT, SHIPPED
from core.settings import SETTING_NAMES
from scripts.bench.peers.places import HERE, MODEL, ROOT
from scripts.bench.peers.stacks import Stack, installed
from scripts.bench.report import Report, Scale

MINI = "mini"

_READY_WITHIN = 180.0
_ANSWERS_WITHIN = 120.0
_ENDS_WITHIN = 10.0
_LOOK_EVERY = 0.001
_LOG_TAIL = 3000
# Below the ports that the system gives to outgoing connections: knocking on one of those over and
# over, while nobody listens there, can end in a connection of the knocking socket with itself.
_PORTS = range(20_000, 32_000)


class StackFailed(Exception):
    """A server did not start or did not answer; says which one, and the end of its log."""


@dataclass(frozen=True)
class Contender:
    stack: Stack
    port: int
    tokenizer: Path
    """Says how many tokens a text is to it."""
    ours: bool

    @property
    def name(self) -> str:
        return self.stack.name


def contenders(report: Report, scale: Scale) -> list[Contender]:
    """The one that peers are compared with comes first."""
    ports = _free_ports()
    mini = _ours(MINI, SHIPPED, next(ports))
    count = len(installed(mini.port)) if scale.peers and MODEL in models() else 0
    if not count:
        if scale.peers:
            report.say("`make bench-peers` installs others to compare with; until then, ours alone")
        return [mini]
    first = _ours(MODEL, HERE.models, next(ports))
    peers = [
        Contender(installed(port)[number], port, first.tokenizer, ours=False)
        for number, port in zip(range(count), ports, strict=False)
    ]
    return [first, *peers, mini]


def ours(scale: Scale) -> list[Contender]:
    """With the model that ships and, beside peers, with theirs, which `make model` makes, too."""
    ports = _free_ports()
    built = [place for place in (ROOT / BUILT, HERE.models) if (place / MODEL).is_dir()]
    mini = _ours(MINI, SHIPPED, next(ports))
    return [mini, *(_ours(MODEL, place, next(ports)) for place in built[: scale.peers])]


def shipped() -> Contender:
    """Ours with the model that ships."""
    return _ours(MINI, SHIPPED, next(_free_ports()))


def peers(entered: list[Contender]) -> list[str]:
    return [contender.name for contender in entered if not contender.ours]


def models() -> dict[str, Path]:
    """The folders of the models that can be looked at by themselves."""
    folders = {MODEL: HERE.models / MODEL, MINI: SHIPPED / MINI}
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


def rounds(entered: list[Contender], count: int) -> Iterator[tuple[Contender, bool]]:
    """Each contender once a round, and whether it counts: the first round only fills caches."""
    for number in range(count + 1):
        for contender in entered:
            yield contender, number > 0


class Running:
    """A server that was just started. `since_start` runs from the moment before."""

    def __init__(self, contender: Contender, data: Path, log: Path) -> None:
        self._contender = contender
        self._log = log
        stack = contender.stack
        self._connection = _connection(contender.port, _ANSWERS_WITHIN)
        with log.open("wb") as out:
            self._began = perf_counter()
            self._process = subprocess.Popen(
                stack.command,
                cwd=stack.cwd,
                env=_environment() | stack.env | {"DATA_DIR": str(data)},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def worked(self) -> float:
        """Milliseconds on processors so far, all threads together."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e6

    def since_start(self) -> float:
        """In milliseconds."""
        return (perf_counter() - self._began) * 1000

    def wait_until_ready(self) -> float:
        while not self._healthy():
            if self._process.poll() is not None:
                raise self._failed("ended before it was ready")
            if self.since_start() > _READY_WITHIN * 1000:
                raise self._failed(f"was not ready after {_READY_WITHIN:.0f} s")
            sleep(_LOOK_EVERY)
        return self.since_start()

    def connect(self) -> None:
        """Anew: servers close a connection that nothing came over for some seconds."""
        self._connection.close()
        self._connection.connect()

    def embed(self, text: str) -> bytes:
        """The answer as it came: reading it is not the server's time."""
        return self._ask("/embed", json.dumps({"text": text}).encode(), "application/json")

    def embed_photo(self, photo: bytes) -> bytes:
        return self._ask("/embed-image", photo, "image/jpeg")

    def stats(self) -> dict[str, int]:
        """How many products and images the catalogue has, and more."""
        self._connection.request("GET", "/api/v1/stats")
        return dict(json.loads(self._connection.getresponse().read()))

    def photographed(self, product_id: str) -> bool:
        """Whether there is such a product, and has a photo by which it is found."""
        self._connection.request("GET", f"/api/v1/products/{product_id}")
        answer = self._connection.getresponse()
        content = answer.read()
        return answer.status == http.client.OK and bool(json.loads(content)["image_urls"])

    def search(self, text: str) -> bytes:
        """Only ours can."""
        return self._ask("/search", json.dumps({"text_query": text}).encode(), "application/json")

    def stop(self) -> None:
        self._connection.close()
        self._process.terminate()
        try:
            self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _healthy(self) -> bool:
        # A connection for each look: a kept one would be of no use before anybody listens.
        with closing(_connection(self._contender.port, _ANSWERS_WITHIN)) as looking:
            try:
                looking.request("GET", "/api/v1/health")
                return looking.getresponse().status == http.client.OK
            except (OSError, http.client.HTTPException):
                return False

    def _ask(self, path: str, body: bytes, kind: str) -> bytes:
        try:
            self._connection.request("POST", f"/api/v1{path}", body, {"content-type": kind})
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(f"broke off at {path} ({error})") from error
        if answer.status != http.client.OK:
            raise self._failed(f"answered {answer.status} at {path}: {content[:300]!r}")
        return content

    def _failed(self, how: str) -> StackFailed:
        tail = self._log.read_text(errors="replace")[-_LOG_TAIL:]
        return StackFailed(f"{self._contender.name} {how}. The end of its log:\n{tail}")


@contextmanager
def started(contender: Contender, data: Path | None = None) -> Iterator[Running]:
    """A server that need not be ready yet, with nothing in its DATA_DIR unless one is given."""
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        own = Path(folder)
        running = Running(contender, data or own / "data", own / "server.log")
        try:
            yield running
        finally:
            running.stop()


def _ours(model: str, folder: Path, port: int) -> Contender:
    env = {"HOST": "127.0.0.1", "PORT": str(port), "MODEL": model, "MODEL_DIR": str(folder)}
    command = (sys.executable, "-m", "handlers.server")
    stack = Stack(name=f"Likeness {model}", command=command, env=env, cwd=ROOT)
    return Contender(stack, port, folder / model / "tokenizer.json", ours=True)


def _environment() -> dict[str, str]:
    """Ours without what would set a server up differently: a shop's settings, and the wish that
    Python compiles everything anew at each start."""
    strange = {*SETTING_NAMES, "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in strange}


def _connection(port: int, patience: float) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=patience)


def _free_ports() -> Iterator[int]:
    for port in random.sample(_PORTS, len(_PORTS)):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port
