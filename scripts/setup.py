"""Make the environments a command runs in: `python3 scripts/setup.py run` (or `dev`, or `dev sam`).

It stands alone on a bare Python and installs exactly what the requirements file names, hashes
checked. The environment counts as finished only once its stamp is written, which is the last
thing done: a set-up that was killed half-way is simply begun again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = {
    "run": "requirements.txt",
    "dev": "requirements-dev.txt",
    "sam": "requirements-sam.txt",
}
OLDEST, NEWEST = (3, 11), (3, 13, 999)
NAMES = ["python3", "python3.13", "python3.12", "python3.11"]
LIVE = sys.stdout.isatty()


class Failed(Exception):
    """What went wrong and what to do about it, for the person at the terminal."""


def main(arguments: list[str]) -> int:
    if not arguments or not set(arguments) <= REQUIREMENTS.keys():
        print(f"usage: python3 scripts/setup.py {{{'|'.join(REQUIREMENTS)}}} ...", file=sys.stderr)
        return 2
    try:
        others = [_begun(which) for which in arguments[1:]]
        return max(_made(arguments[0]), *map(_ended, others), 0)
    except KeyboardInterrupt:
        print("\nset-up interrupted; the next one starts afresh", file=sys.stderr)
        return 130


def _made(which: str) -> int:
    try:
        make_sure(which)
    except (Failed, OSError) as problem:
        print(f"\nset-up failed: {problem}", file=sys.stderr)
        return 1
    return 0


def _begun(which: str) -> subprocess.Popen[str]:
    """One that is made beside the first: to download and to unpack takes one processor each."""
    return subprocess.Popen(
        [sys.executable, "-I", __file__, which],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def _ended(other: subprocess.Popen[str]) -> int:
    """How, after what it said."""
    print(other.communicate()[0], end="", flush=True)
    return 1 if other.returncode else 0


def make_sure(which: str) -> None:
    """Leave `.venv/<which>` as the requirements want it; next to nothing when it already is."""
    home = ROOT / ".venv" / which
    requirements = ROOT / REQUIREMENTS[which]
    chosen = os.environ.get("PYTHON", "")
    if not chosen and _finished(home, _fingerprint(requirements, _dotted(sys.version_info[:3]))):
        return  # the usual start: no other Python was asked anything
    python, version = _find(chosen)
    wanted = _fingerprint(requirements, version)
    if _finished(home, wanted):
        return
    home.parent.mkdir(exist_ok=True)
    with _alone(home.with_name(f"{which}.lock")) as lock:
        if not _finished(home, wanted):  # else: done by the one we waited for
            _build(home, requirements, python, version, lock)
            _stamp(home).write_text(wanted)


def _build(home: Path, requirements: Path, python: str, version: str, lock: int) -> None:
    """An empty environment, the packages, their bytecode. Any child alive keeps the lock held."""
    started = time.monotonic()
    print(f"Setting up .venv/{home.name} (once; later starts skip this)", flush=True)
    with suppress(FileNotFoundError):
        _stamp(home).unlink()
    _step(f"Python {version}", [python, "-I", "-m", "venv", "--clear", str(home)], lock)
    inside = [str(home / "bin" / "python"), "-I", "-m"]
    # The file names every package there is to install, so pip has nothing to resolve; compiling
    # is left to the next step, which uses every core.
    pip = [*inside, "pip", "install", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
    pip += ["--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    _step(requirements.name, [*pip, "-r", str(requirements)], lock, packages=_count(requirements))
    # Some packages carry files for other Pythons, which do not compile here: no reason to stop.
    packages = [str(path) for path in home.glob("lib/python*/site-packages")]
    _step("bytecode", [*inside, "compileall", "-qq", "-j", "0", *packages], lock, may_fail=True)
    print(f"  ready in {time.monotonic() - started:.1f} s", flush=True)


def _step(
    title: str, command: list[str], lock: int, *, packages: int = 0, may_fail: bool = False
) -> None:
    """Run one command quietly: a line that says what and how long, its output when it fails."""
    started = time.monotonic()
    _show(f"{title} ...")
    last: deque[str] = deque(maxlen=30)
    seen = 0
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        pass_fds=[lock],
        cwd=ROOT,
        env={**os.environ, "PIP_USER": "0"},  # "--user" by habit does not go with environments
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            last.append(line)
            if packages and LIVE and line.startswith(("Collecting ", "Processing ", "Ignoring ")):
                seen += 1
                _show(f"{title} ... {seen} of {packages}")
            elif line.startswith("Installing collected") and LIVE:
                _show(f"{title} ... unpacking")
    took = f"{time.monotonic() - started:.1f} s"
    if child.returncode and not may_fail:
        _show(f"{title}: failed after {took}", end="\n")
        raise Failed(f"{''.join(last)}\n{title} could not be installed; the lines above say why")
    _show(f"{title}: {took}", end="\n")


def _show(words: str, end: str = "") -> None:
    """One line that is written over while it changes; a log gets one line for each."""
    print(f"\r\033[K  {words}" if LIVE else f"  {words}", end=end if LIVE else "\n", flush=True)


def _count(requirements: Path) -> int:
    return sum("==" in line for line in requirements.read_text().splitlines() if line[:1].isalpha())


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """One set-up of an environment at a time. The system lets go of the lock when we die."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another set-up is under way, waiting", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _stamp(home: Path) -> Path:
    return home / "finished"


def _finished(home: Path, wanted: str) -> bool:
    try:
        return _stamp(home).read_text() == wanted and os.access(home / "bin" / "python", os.X_OK)
    except OSError:
        return False


def _fingerprint(requirements: Path, version: str) -> str:
    """Changes with what is to be installed, and with what it is installed for and where."""
    machine = os.uname()
    place = f"{version} {machine.sysname} {machine.machine} ".encode() + os.fsencode(ROOT)
    return hashlib.sha256(place + requirements.read_bytes()).hexdigest()


def _find(chosen: str) -> tuple[str, str]:
    """A Python that will do and its version: the one asked for, else the first that works."""
    looked = []
    for name in [chosen] if chosen else [sys.executable, *NAMES]:
        answer = _ask(name)
        if answer is not None and OLDEST <= answer[1] <= NEWEST:
            return answer[0], _dotted(answer[1])
        looked.append(f"  {name}: {_dotted(answer[1]) if answer else 'no Python with venv'}")
    raise Failed(
        f"Likeness needs Python {_dotted(OLDEST)} to {_dotted(NEWEST[:2])}. These will not do:\n"
        + "\n".join(looked)
        + "\nInstall one (on Debian and Ubuntu: apt install python3 python3-venv), or name it: "
        "make run PYTHON=/path/to/python3.12"
    )


def _ask(python: str) -> tuple[str, tuple[int, ...]] | None:
    """Which Python this is; None when it does not start or can't make environments.

    Of an environment's Python it is the one it was made from: the environment may be the very
    one about to be emptied.
    """
    question = (
        "import ensurepip, venv, sys as s\n"
        "print(*s.version_info[:3], getattr(s, '_base_executable', s.executable))"
    )
    try:
        answer = subprocess.run(
            [python, "-I", "-c", question], capture_output=True, text=True, check=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    *version, path = answer.stdout.strip().split(" ", 3)
    return path, tuple(int(part) for part in version)


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
