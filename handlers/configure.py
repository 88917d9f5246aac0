"""Where the settings of every door get what they only name."""

from __future__ import annotations

from core.settings import LookUp, references


def secrets() -> LookUp | None:
    """Asks for the secrets that the settings name; whoever reads the settings waits for them."""
    named = references()
    if not named:
        return None
    from core.stores.aws_secrets import Secrets  # a laptop does without the clouds' packages

    return Secrets(named)
