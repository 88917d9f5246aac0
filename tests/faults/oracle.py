"""What may be so: of each product, by what was acknowledged and what nobody knows the end of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Name = str | None
"""A product's name, which is another with each change; None when there is no such product."""


@dataclass
class Known:
    """Of one product."""

    history: list[Name] = field(default_factory=lambda: [None])
    """All that it ever may have been."""
    possible: set[Name] = field(default_factory=lambda: {None})
    """What it may be now."""
    pending: list[set[Name]] = field(default_factory=lambda: [set(), set()])
    """By instance: what it was asked for and has not said the end of, which may still come."""
    floor: list[int] = field(default_factory=lambda: [0, 0])
    """By instance: from where in the history on its cached answers may be."""

    def changes(self, by: int, to: Callable[[Name], Name], acknowledged: bool) -> None:
        after = {to(name) for name in self.possible}
        self.history += sorted(after - {None}, key=str) + [None] * (None in after)
        if acknowledged:
            # It waited for its turn behind what this instance had not said the end of.
            self.pending[by] = set()
            self.possible = after | self.pending[1 - by]
            # What an instance changed itself it never hides, whatever it could tell others.
            self.floor[by] = len(self.history) - len(after)
        else:
            self.possible |= after
            self.pending[by] |= after

    def told_to_all(self) -> None:
        """Nobody's answers are from before the last change."""
        self.floor = [max(self.floor)] * 2

    def is_seen(self, name: Name) -> None:
        """By asking the index itself."""
        assert name in self.possible, f"{name!r} is none of {self.possible}"
        if not any(self.pending):
            self.possible = {name}

    def is_found(self, name: Name, by: int, stale: bool) -> None:
        """By a search, which may be answered from a cache."""
        allowed = set(self.history if stale else self.history[self.floor[by] :]) | self.possible
        allowed |= self.pending[0] | self.pending[1]
        assert name in allowed, f"{name!r} is none of {allowed}"


@dataclass
class Pictures:
    """Of one product's photos from the web, by their numbers: each told one takes the place of all
    that came so before."""

    possible: set[int] = field(default_factory=set)
    """Which may be there now."""
    pending: list[set[int]] = field(default_factory=lambda: [set(), set()])
    """By instance, as of the product."""
    sure: int | None = None
    """The one that is there, if the product is."""

    def told(self, by: int, number: int | None, acknowledged: bool) -> None:
        """None: that there is none any more."""
        new = set() if number is None else {number}
        if acknowledged:
            self.pending[by] = set()
            self.possible = new | self.pending[1 - by]
            self.sure = number if self.possible == new else None
        else:
            self.possible |= new
            self.pending[by] |= new
            self.sure = None

    def are_seen(self, numbers: set[int]) -> None:
        assert numbers <= self.possible, f"of {numbers} only {self.possible} may be there"
        assert self.sure is None or numbers == {self.sure}, f"{self.sure} is lost"
