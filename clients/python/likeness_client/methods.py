"""A call's function as a client's method, which tools and `help` show as what it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

M = TypeVar("M", bound=Callable[..., Any])


def described(method: M, make: Callable[..., Any]) -> M:
    said = inspect.signature(make)
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    method.__name__ = make.__name__
    method.__qualname__ = make.__qualname__
    method.__doc__ = make.__doc__
    vars(method)["__signature__"] = said.replace(
        parameters=[me, *said.parameters.values()], return_annotation=inspect.Signature.empty
    )
    return method
