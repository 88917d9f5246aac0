"""The newcomer: a fresh tree, `make run`, a search, Ctrl-C. All of it real, set-up included."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from core.settings import SETTING_NAMES
from tests.e2e.running import ROOT, eventually, free_port
from tests.photos import jpeg

READY_WITHIN = 400.0
GONE_WITHIN = 5.0
# Built on purpose and ignored by git: the environments and Python's bytecode.
EXPECTED = {".venv", "__pycache__"}
INTERRUPTED = {0, 128 + signal.SIGINT, -signal.SIGINT}


@pytest.mark.timeout(900)
def test_a_newcomer_starts_it_twice_at_once_searches_and_stops_it(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    tree = _fresh_tree(tmp_path / "a né wcomer's tree")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    before = _files(tree)

    shops = [MakeRun(tree, tmp_path / f"dàta {number}", temporary) for number in (1, 2)]
    shops[1].drop("my-mug.jpg", jpeg(3))  # who has a bucket gets no demo catalogue
    try:
        # One is told by the environment, the other on make's command line: both are documented.
        shops[0].start("make", "run", env=shops[0].settings)
        shops[1].start("make", "run", *(f"{k}={v}" for k, v in shops[1].settings.items()))
        first = [shop.until_ready() for shop in shops]
        record_property("make run, fresh tree, two at once", _seconds(*first))
        demo = shops[0].products()
        assert len(demo) > 100
        assert shops[1].products() == {"my-mug"}
        for shop in shops:
            assert shop.search("a red mug")
            shop.says_where_everything_is()
        ends = [shop.interrupt() for shop in shops]
        record_property("Ctrl-C", _seconds(*ends))

        shops[0].start("make", "run", env=shops[0].settings)
        record_property("make run, second start", _seconds(shops[0].until_ready()))
        assert shops[0].products() == demo
        assert shops[0].search("a red mug")
        shops[0].interrupt()
    finally:
        for shop in shops:
            shop.end()

    assert _files(tree) == before
    assert list(temporary.iterdir()) == []
    assert _living_in(tree) == []


class MakeRun:
    """One `make run` in a process group of its own, as a terminal would start it."""

    def __init__(self, tree: Path, data_dir: Path, temporary: Path) -> None:
        self._tree = tree
        self._temporary = temporary
        self._log = data_dir.with_suffix(".log")
        self._bucket = data_dir / "bucket"
        self._began = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        port = free_port()
        self.settings = {"PORT": str(port), "DATA_DIR": str(data_dir)}
        self._page = f"http://127.0.0.1:{port}/"
        self._api = f"{self._page}api/v1"

    def drop(self, name: str, photo: bytes) -> None:
        images = self._bucket / "images"
        images.mkdir(parents=True, exist_ok=True)
        (images / name).write_bytes(photo)

    def start(self, *command: str, env: dict[str, str] | None = None) -> None:
        # Neither our own settings nor the make that may be running us are the newcomer's.
        ours = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS", *SETTING_NAMES}
        theirs = {name: value for name, value in os.environ.items() if name not in ours}
        self._began = time.monotonic()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._tree,
                env=theirs | {"TMPDIR": str(self._temporary)} | (env or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def until_ready(self) -> float:
        eventually(self._ready, READY_WITHIN)
        return time.monotonic() - self._began

    def _ready(self) -> bool:
        if self._running().poll() is not None:
            pytest.fail(f"make run ended:\n{self._output()}")
        try:
            return httpx.get(f"{self._api}/health").status_code == 200
        except httpx.TransportError:
            return False

    def search(self, words: str) -> list[object]:
        answer = httpx.post(f"{self._api}/search", json={"text_query": words}, timeout=30)
        return list(answer.raise_for_status().json()["results"])

    def products(self) -> set[str]:
        found: set[str] = set()
        query = {"limit": "200"}
        while True:
            answer = httpx.get(f"{self._api}/products", params=query, timeout=30)
            page = answer.raise_for_status().json()
            found |= {product["id"] for product in page["products"]}
            if page["next_cursor"] is None:
                return found
            query["cursor"] = page["next_cursor"]

    def says_where_everything_is(self) -> None:
        said = self._output()
        for place in (self._page, f"{self._page}docs", str(self._bucket.resolve())):
            assert place in said, said

    def interrupt(self) -> float:
        """Ctrl-C, as the terminal gives it to the whole group; how long the end took."""
        process = self._running()
        began = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(GONE_WITHIN)
        eventually(lambda: not _alive(process.pid), GONE_WITHIN)
        assert status in INTERRUPTED, self._output()
        assert "Traceback" not in self._output(), self._output()
        return time.monotonic() - began

    def end(self) -> None:
        """Whatever happened above, nothing of it stays behind."""
        if self._process is not None and _alive(self._process.pid):
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def _output(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


def _fresh_tree(to: Path) -> Path:
    """What a clone of this working tree would have in it, and nothing that is ignored."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed, so there is no telling what belongs to the tree")
    listing = subprocess.run(
        [git, "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True
    )
    if listing.returncode:
        pytest.skip("this is no git checkout, so there is no telling what belongs to the tree")
    for name in listing.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():  # a tracked file may be deleted by now
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    return to


def _files(tree: Path) -> set[Path]:
    return {
        path.relative_to(tree)
        for path in tree.rglob("*")
        if path.is_file() and not EXPECTED & set(path.relative_to(tree).parts)
    }


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _living_in(tree: Path) -> list[str]:
    """Processes that work in the tree, also those that left their group; Linux tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            here = (process / "cwd").readlink()
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
        if here.is_relative_to(tree.resolve()):
            found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def _seconds(*taken: float) -> str:
    return ", ".join(f"{seconds:.1f} s" for seconds in taken)
