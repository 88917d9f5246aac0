"""The room that infra/azure makes with some parameters, as Azure would be told of it.

Parameters, conditions and loops are filled in. What only Azure can know stays a name in angle
brackets: `<registry.properties.loginServer>`.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.bicep_language import Statement, Tree, parse

AZURE = Path(__file__).resolve().parents[1] / "infra" / "azure"
NEEDED = {"qdrantUrl": "https://catalogue.example:6333"}
IMAGE = "likeness.azurecr.io/likeness:mini"
API, WORKER = "likeness", "likeness-worker"
IN_S3 = {"photos": "s3", "imageBucket": "my-photos", "awsRegion": "eu-west-1"}
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/likeness-photos"
_TYPES = {"string": str, "int": int, "bool": bool, "object": dict, "array": list}
_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "&&": lambda left, right: left and right,
    "||": lambda left, right: left or right,
}


class OfAzure(str):
    """What Azure alone can know, and whatever is asked of it."""

    def __getitem__(self, name: Any) -> OfAzure:
        return OfAzure(f"{self[:-1]}.{name}>") if isinstance(name, str) else str(self)[name]  # type: ignore[return-value]


def parsed(file: str) -> list[Statement]:
    return parse((AZURE / file).read_text(encoding="utf-8"))


@cache
def room(image: str = IMAGE, **parameters: Any) -> Room:
    return Room("main.bicep", {**NEEDED, "image": image, **parameters})


def all_of_it() -> list[Room]:
    """With everything that may be there, and photos in either place."""
    closed = {"searchNeedsKey": True, "takesWebhooks": True, "signInClientId": "an-app"}
    return [room(**closed), room(**closed, **IN_S3, indexQueueUrl=QUEUE)]


def container(app: dict[str, Any]) -> dict[str, Any]:
    [one] = app["properties"]["template"]["containers"]
    told: dict[str, Any] = one
    return told


def environment(app: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {one["name"]: one for one in container(app)["env"]}


class Room:
    """A file, and the modules it uses, with its parameters filled in."""

    def __init__(self, file: str, told: Mapping[str, Any]) -> None:
        self.file = file
        self.statements = parsed(file)
        self.parameters = {one.name: one for one in self.statements if one.kind == "param"}
        self.values: dict[str, Any] = {}
        self.resources: list[dict[str, Any]] = []
        self.outputs: dict[str, Any] = {}
        self._told = dict(told)
        unknown = self._told.keys() - self.parameters.keys()
        assert not unknown, f"{file} has no parameters {sorted(unknown)}"
        self._wanted = {
            one.name: one for one in self.statements if one.name and one.kind != "output"
        }
        for one in self.statements:
            if one.kind == "output":
                self.outputs[one.name] = self.value(one.value)
            elif one.name:
                self.named(one.name)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """What there is of a kind: `Microsoft.App/containerApps`."""
        return [one for one in self.resources if one["type"].partition("@")[0] == kind]

    def app(self, name: str) -> dict[str, Any]:
        [found] = [one for one in self.of("Microsoft.App/containerApps") if one["name"] == name]
        return found

    def named(self, name: str) -> Any:
        """What stands behind a name, wherever in the file it is told."""
        if name not in self.values:
            self.values[name] = self._made(self._wanted[name])
        return self.values[name]

    def _made(self, one: Statement) -> Any:
        if one.kind == "param":
            return self._parameter(one)
        if one.kind == "var":
            return self.value(one.value)
        if one.condition is not None and not self.value(one.condition):
            return OfAzure(f"<no {one.name}>")
        told = self.value(one.value)
        if one.kind == "module":
            module = Room(one.what, told.get("params", {}))
            self.resources += module.resources
            return {"outputs": module.outputs}
        if not one.existing:
            self.resources.append({"type": one.what, "symbol": one.name, **told})
        return OfAzure(f"<{one.name}>")

    def _parameter(self, one: Statement) -> Any:
        assert one.name in self._told or one.value is not None, f"{self.file} needs {one.name}"
        value = self._told[one.name] if one.name in self._told else self.value(one.value)
        assert isinstance(value, _TYPES[one.what]), f"{self.file}: {one.name} is no {one.what}"
        limits = {
            name: [self.value(part) for part in told] for name, told in one.decorators.items()
        }
        assert value in limits.get("allowed", [[value]])[0], f"{one.name} may not be {value}"
        size = len(value) if isinstance(value, str) else value
        for name in ("minValue", "minLength"):
            assert name not in limits or size >= limits[name][0], f"{one.name} is too little"
        for name in ("maxValue", "maxLength"):
            assert name not in limits or size <= limits[name][0], f"{one.name} is too much"
        return value

    def value(self, tree: Tree, loop: Mapping[str, Any] | None = None) -> Any:
        kind, *parts = tree
        if kind == "text":
            texts = [
                one if isinstance(one, str) else str(self.value(one, loop)) for one in parts[0]
            ]
            return "".join(texts)
        if kind == "number":
            return int(parts[0])
        if kind == "name":
            return self._name(parts[0], loop or {})
        if kind == "array":
            return [self.value(one, loop) for one in parts[0]]
        if kind == "object":
            return {self._key(name, loop): self.value(one, loop) for name, one in parts[0]}
        if kind == "for":
            name, each, body = parts
            return [self.value(body, {name: one}) for one in self.value(each, loop)]
        if kind == "if":
            return self.value(parts[1] if self.value(parts[0], loop) else parts[2], loop)
        if kind == "not":
            return not self.value(parts[0], loop)
        if kind == "op":
            return _SIGNS[parts[0]](self.value(parts[1], loop), self.value(parts[2], loop))
        if kind in ("member", "item"):
            asked = parts[1] if kind == "member" else self.value(parts[1], loop)
            return self.value(parts[0], loop)[asked]
        return self._called(parts[0], [self.value(one, loop) for one in parts[1]])

    def _key(self, tree: Tree, loop: Mapping[str, Any] | None) -> str:
        return str(tree[1] if tree[0] == "name" else self.value(tree, loop))

    def _name(self, name: str, loop: Mapping[str, Any]) -> Any:
        if name in ("true", "false"):
            return name == "true"
        return loop[name] if name in loop else self.named(name)

    def _called(self, function: Tree, told: list[Any]) -> Any:
        if function[0] == "member":  # az.environment(), vault.getSecret('x')
            of, name = function[1], function[2]
            return OfAzure(f"<{name}>") if of == ("name", "az") else OfAzure(f"<secret:{told[0]}>")
        return _FUNCTIONS[function[1]](*told)


def _of_azure(name: str) -> Callable[..., OfAzure]:
    return lambda *told: OfAzure(f"<{' '.join([name, *told])}>")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": lambda *lists: [one for several in lists for one in several],
    "empty": lambda it: not it,
    "first": lambda it: it[0],
    "last": lambda it: it[-1],
    "json": json.loads,
    "split": lambda it, by: str(it).split(by),
    "string": str,
    "take": lambda it, many: it[:many],
    "trim": lambda it: it.strip(),
    "uniqueString": lambda *told: "abcdefghijklm",
    "uriComponent": lambda it: quote(it, safe="<:>"),
    "subscriptionResourceId": lambda kind, name: f"/{kind}/{name}",
    "readEnvironmentVariable": lambda name, default: default,
    "environment": _of_azure("environment"),
    "guid": _of_azure("guid"),
    "resourceGroup": _of_azure("resourceGroup"),
    "subscription": _of_azure("subscription"),
}
