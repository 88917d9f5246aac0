"""What a look at a deployment finds, part by part, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(msgspec.Struct, frozen=True):
    part: str
    level: Level
    told: str
    advice: str = ""
    """What to do; empty where all is well."""


def fine(part: str, told: str) -> Finding:
    return Finding(part, Level.OK, told)


def doubtful(part: str, told: str, advice: str) -> Finding:
    return Finding(part, Level.WARNING, told, advice)


def failed(part: str, told: str, advice: str) -> Finding:
    return Finding(part, Level.FAILED, told, advice)
