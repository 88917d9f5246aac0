"""The part of the Bicep language that infra/azure is written in, read into a tree.

Neither PyPI nor npm nor Debian has Bicep's compiler, and this is none: it knows nothing of Azure's
types. What it can't read, as a bracket too few, is an error with its line.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

_TOKEN = re.compile(
    r"""(?P<skip>[ \t\r]+|//[^\n]*|/\*.*?\*/)
      | (?P<line>\n)
      | (?P<number>\d+)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<quote>')
      | (?P<sign>==|!=|<=|>=|&&|\|\||\?\?|[-+*/%<>!?:.,=@()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"\\'": "'", "\\\\": "\\", "\\n": "\n", "\\$": "$"}
_LEVELS = [["??"], ["||"], ["&&"], ["==", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "/"]]

Tree = Any
"""A name of what it is, and its parts: ("text", [...]), ("name", "x"), ("call", of, [...]), ..."""


class Unreadable(Exception):
    pass


class Statement(NamedTuple):
    kind: str
    """param, var, resource, module, output, using or targetScope."""
    name: str
    what: str
    """A parameter's or output's type; a resource's type with its version; a module's file."""
    value: Tree | None
    decorators: dict[str, list[Tree]]
    condition: Tree | None = None
    existing: bool = False


class _Token(NamedTuple):
    kind: str
    told: Any
    line: int


def parse(text: str) -> list[Statement]:
    return _Reader(_tokens(text)).statements()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Unreadable(f"line {line}: {text[at]!r} has no meaning here")
        kind = str(match.lastgroup)
        at = match.end()
        if kind == "quote":
            parts, at = _string(text, at, line)
            found.append(_Token("text", parts, line))
        elif kind != "skip":
            found.append(_Token(kind, match.group(), line))
        line += match.group().count("\n")
    return [*found, _Token("end", "the end", line)]


def _string(text: str, at: int, line: int) -> tuple[list[Tree], int]:
    """What stands between quotes, as text and expressions, and where it ends."""
    parts: list[Tree] = [""]
    while True:
        rest = text[at : at + 2]
        if not rest or rest[0] == "\n":
            raise Unreadable(f"line {line}: a string without an end")
        if rest[0] == "'":
            return parts, at + 1
        if rest == "${":
            end = _closing(text, at + 2, line)
            inside = _Reader(_tokens(text[at + 2 : end]))
            parts += [inside.expression(), ""]
            inside.take("end")
            at = end + 1
        elif rest in _ESCAPES:
            parts[-1] += _ESCAPES[rest]
            at += 2
        else:
            parts[-1] += rest[0]
            at += 1


def _closing(text: str, at: int, line: int) -> int:
    while at < len(text) and text[at] != "}":
        at = _string(text, at + 1, line)[1] if text[at] == "'" else at + 1
    return at


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def statements(self) -> list[Statement]:
        found = []
        while self._past_lines().kind != "end":
            found.append(self._statement())
        return found

    def _statement(self) -> Statement:
        decorators: dict[str, list[Tree]] = {}
        while self._is("@"):
            call = self.expression()
            decorators[call[1][1]] = call[2]
            self._past_lines()
        kind = self.take("name")
        if kind in ("targetScope", "using"):
            self._is("=")
            return self._ended(Statement(kind, "", "", self.expression(), decorators))
        name, what, existing, condition = self.take("name"), "", False, None
        if kind in ("resource", "module"):
            what = "".join(self.take("text"))
            existing = self._is("existing")
        elif self._next.kind == "name":
            what = self.take("name")
        value = None
        if kind != "param" or self._next.told == "=":
            self.take("=")
            if self._is("if"):
                self.take("(")
                condition = self.expression()
                self.take(")")
            value = self.expression()
        return self._ended(Statement(kind, name, what, value, decorators, condition, existing))

    def _ended(self, statement: Statement) -> Statement:
        if self._next.kind not in ("line", "end"):
            raise self._unexpected("the end of the line")
        return statement

    def expression(self) -> Tree:
        chosen = self._operation(0)
        if self._is("?"):
            yes = self.expression()
            self.take(":")
            return ("if", chosen, yes, self.expression())
        return chosen

    def _operation(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return ("not", self._operation(level)) if self._is("!") else self._chain()
        left = self._operation(level + 1)
        while self._next.kind == "sign" and self._next.told in _LEVELS[level]:
            sign = self.take("sign")
            left = ("op", sign, left, self._operation(level + 1))
        return left

    def _chain(self) -> Tree:
        of = self._one()
        while True:
            if self._is("."):
                of = ("member", of, self.take("name"))
            elif self._is("("):
                of = ("call", of, self._several(")"))
            elif self._is("["):
                of = ("item", of, self.expression())
                self.take("]")
            else:
                return of

    def _one(self) -> Tree:
        token = self._next
        if token.kind in ("text", "number", "name"):
            self._at += 1
            return (token.kind, token.told)
        if self._is("("):
            inside = self.expression()
            self.take(")")
            return inside
        if self._is("{"):
            return ("object", self._pairs())
        if self._is("["):
            if self._is("for"):
                return self._loop()
            return ("array", self._several("]"))
        raise self._unexpected("a value")

    def _loop(self) -> Tree:
        name = self.take("name")
        self.take("in")
        each = self.expression()
        self.take(":")
        body = self.expression()
        self.take("]")
        return ("for", name, each, body)

    def _several(self, end: str) -> list[Tree]:
        """Values on lines of their own, or after commas."""
        values = []
        while self._past_lines().told != end:
            values.append(self.expression())
            if self._next.told != end and not self._is(","):
                self.take("line")
        self.take(end)
        return values

    def _pairs(self) -> list[tuple[Tree, Tree]]:
        pairs = []
        while self._past_lines().told != "}":
            name = self._one()
            self.take(":")
            pairs.append((name, self.expression()))
            if self._next.told != "}":
                self.take("line")
        self.take("}")
        return pairs

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _past_lines(self) -> _Token:
        while self._next.kind == "line":
            self._at += 1
        return self._next

    def _is(self, told: str) -> bool:
        token = self._next
        if token.kind in ("sign", "name") and token.told == told:
            self._at += 1
            return True
        return False

    def take(self, wanted: str) -> Any:
        token = self._next
        if wanted not in (token.kind, token.told) or (token.kind == "text" and wanted != "text"):
            raise self._unexpected(wanted)
        self._at += 1
        return token.told

    def _unexpected(self, wanted: str) -> Unreadable:
        return Unreadable(f"line {self._next.line}: {self._next.told!r} in place of {wanted}")
