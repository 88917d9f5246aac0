"""How many histories are tried: FAULT_HISTORIES of them, a hundred when it does not say."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

HISTORIES = int(os.environ.get("FAULT_HISTORIES", "100"))


def try_histories(kind: type[RuleBasedStateMachine], most: int, steps: int) -> None:
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=most,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
