"""What holds for every test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import LocalAws, local_aws
from tests.azurite import Azurite, azurite
from tests.dynalite import dynalite


@pytest.fixture(scope="session")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a built CLIP of random weights. To be read only: everyone shares it."""
    from tests.clips import build_small  # what it imports, most runs of a few tests don't need

    return build_small(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def aws_server() -> Iterator[LocalAws]:
    """AWS on this machine, one for the whole run: for what is told where to find it."""
    with local_aws() as server:
        yield server


@pytest.fixture(scope="session")
def dynalite_server() -> Iterator[LocalAws]:
    """Another's idea of DynamoDB, one for the whole run."""
    with dynalite() as server:
        yield server


@pytest.fixture(scope="session")
def azure() -> Iterator[Azurite]:
    """Azure Blob storage on this machine, one for the whole run; its containers are made anew."""
    with azurite() as server:
        yield server


@pytest.fixture
def aws(aws_server: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """AWS on this machine, empty, and the one the environment leads to."""
    for name, value in aws_server.environment().items():
        monkeypatch.setenv(name, value)
    aws_server.reset()
    return aws_server


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run in which every test was skipped has shown nothing, so it does not pass."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.exitstatus != pytest.ExitCode.OK or not isinstance(
        reporter, pytest.TerminalReporter
    ):
        return  # it failed already, or this is a worker, which knows a part of the tests only
    if not session.config.option.collectonly and not reporter.stats.get("passed"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED
        reporter.write_line("\nNo test passed, so this run shows nothing: it counts as failed.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests measured (`record_property`) is shown, never asserted."""
    reports = [
        report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])
    ]
    measured = [line for report in reports for line in report.user_properties]
    if measured:
        terminalreporter.section("measured")
    for name, value in measured:
        terminalreporter.write_line(f"{name}: {value}")
