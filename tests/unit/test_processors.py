"""Processors as a container's files tell of them, in both versions of control groups."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core import processors
from core.processors import share

BOUND = len(os.sched_getaffinity(0))


class Machine:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def says(self, file: str, text: str) -> None:
        path = self._folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")

    def share(self) -> float:
        return share(self._folder / "told", self._folder / "groups")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_groups_it_is_what_the_process_is_bound_to(machine: Machine) -> None:
    assert machine.share() == BOUND


def test_half_a_processor_in_a_container_that_sees_its_own_group_alone(machine: Machine) -> None:
    machine.says("told", "0::/")
    machine.says("groups/cpu.max", "50000 100000")
    assert machine.share() == 0.5


def test_a_group_of_the_first_version(machine: Machine) -> None:
    machine.says("told", "9:memory:/x\n1:cpu,cpuacct:/shop")
    machine.says("groups/cpu,cpuacct/shop/cpu.cfs_quota_us", "25000")
    machine.says("groups/cpu,cpuacct/shop/cpu.cfs_period_us", "100000")
    assert machine.share() == 0.25


def test_a_path_that_only_the_machine_knows(machine: Machine) -> None:
    machine.says("told", "1:cpu:/docker/0123")
    machine.says("groups/cpu/cpu.cfs_quota_us", "50000")
    machine.says("groups/cpu/cpu.cfs_period_us", "100000")
    assert machine.share() == 0.5


def test_the_least_of_the_groups_around_it_counts(machine: Machine) -> None:
    machine.says("told", "0::/outer/inner")
    machine.says("groups/outer/inner/cpu.max", "80000 100000")
    machine.says("groups/outer/cpu.max", "40000 100000")
    machine.says("groups/cpu.max", "90000 100000")
    assert machine.share() == 0.4


@pytest.mark.parametrize("text", ["max 100000", "", "0 0", "a b", "900000000 100000"])
def test_what_is_no_limit_limits_nothing(machine: Machine, text: str) -> None:
    machine.says("told", "0::/")
    machine.says("groups/cpu.max", text)
    assert machine.share() == BOUND


@pytest.mark.parametrize("path", ["/../neighbour", "", "//", "no line of this kind"])
def test_a_path_that_leads_elsewhere_harms_nothing(machine: Machine, path: str) -> None:
    machine.says("told", f"0::{path}\nnonsense\n\n:::")
    assert machine.share() == BOUND


@pytest.mark.parametrize(("told", "whole"), [(0.25, 1), (1.0, 1), (1.5, 2), (4.0, 4)])
def test_threads_are_whole_ones(told: float, whole: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processors, "share", lambda: told)
    assert processors.cpus() == whole
