"""The operator's commands: what pages and helps show can be pasted, and codes tell how it ended."""

from __future__ import annotations

import re
import shlex
import signal
from importlib import import_module
from typing import Any

import pytest

from core.errors import IndexUnavailable
from scripts import command
from tests.e2e.running import ROOT

COMMANDS = {
    "sync": "scripts.sync",
    "imports": "scripts.imports.__main__",
    "reindex": "scripts.reindex.__main__",
    "replay": "scripts.replay",
    "report": "scripts.report.__main__",
    "doctor": "scripts.doctor.__main__",
}
_SHOWN = re.compile(r"^(?: {2})?(?:[A-Z]+=\S+ )*(python -m scripts\.(\w+).*?)(?: {2,}.*)?$", re.M)


def shown() -> list[str]:
    """In the pages for operators, and in the examples of each --help."""
    names = ("operations.md", "imports.md", "report.md")
    pages = [(ROOT / "docs" / name).read_text() for name in names]
    pages += [import_module(module)._EXAMPLES for module in COMMANDS.values()]
    return [line for page in pages for line, name in _SHOWN.findall(page) if name in COMMANDS]


@pytest.mark.parametrize("line", sorted(set(shown())))
def test_what_is_shown_is_understood(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, module, *options = shlex.split(line)
    name = module.removeprefix("scripts.")
    monkeypatch.setattr("sys.argv", [name, *options])
    import_module(COMMANDS[name])._options()  # leaves by SystemExit when it is not


def test_all_of_them_are_shown() -> None:
    assert {line.split()[2].removeprefix("scripts.") for line in shown()} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_its_help_says_what_it_is_for_and_what_the_codes_mean(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [name, "--help"])
    with pytest.raises(SystemExit) as left:
        import_module(COMMANDS[name])._options()
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert f"python -m scripts.{name}" in told
    assert command.EXIT_CODES in told


def unable() -> int:
    raise IndexUnavailable("The vector index does not answer.")


def interrupted() -> int:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("work", "code", "told"),
    [
        (lambda: command.DONE, 0, ""),
        (lambda: command.ATTENTION, 1, ""),
        (unable, 2, "index_unavailable: The vector index does not answer.\n"),
        (interrupted, 130, "\nGo on later.\n"),
    ],
)
def test_how_it_ended(work: Any, code: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert command.guarded(work, "Go on later.") == code
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert capsys.readouterr().err == told


def test_what_must_not_be_left_half_way_is_done_to_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with command.to_the_end("A moment."):
        signal.raise_signal(signal.SIGINT)
    assert capsys.readouterr().err == "\nA moment.\n"
    assert signal.getsignal(signal.SIGINT) == before
