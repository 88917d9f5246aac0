"""The stack that template.yaml makes with some parameters, as CloudFormation would see it.

SAM's own translator makes plain CloudFormation of the template; parameters and conditions are
filled in here. What only AWS can know stays a name in angle brackets: `<PhotoQueue>` is what a
`Ref` to the queue gives, `<PhotoQueue.Arn>` its ARN.
"""

from __future__ import annotations

import atexit
import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests.sam_tools import sam_tool

ROOT = Path(__file__).resolve().parents[1]
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
WEBHOOKS = f"{SECRET}webhooks-AbCdEf"
NEEDED = {
    "QdrantUrl": "https://catalogue.example:6333",
    "QdrantKeyArn": f"{SECRET}qdrant-AbCdEf",
}
PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "likeness",
    "AWS::URLSuffix": "amazonaws.com",
}
_NOTHING = object()
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


class Stack:
    def __init__(self, template: dict[str, Any], parameters: dict[str, str]) -> None:
        self.template = template
        self._values: dict[str, str] = PSEUDO | {
            name: parameters.get(name, str(told.get("Default")))
            for name, told in template["Parameters"].items()
        }
        self.resources: dict[str, dict[str, Any]] = {
            name: self._filled_in(resource)
            for name, resource in template["Resources"].items()
            if self._is_there(resource)
        }
        self.outputs: dict[str, str] = {
            name: self._filled_in(output["Value"])
            for name, output in template["Outputs"].items()
            if self._is_there(output)
        }

    def properties(self, name: str) -> dict[str, Any]:
        told: dict[str, Any] = self.resources[name]["Properties"]
        return told

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a kind, by their names."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def _is_there(self, told: dict[str, Any]) -> bool:
        return "Condition" not in told or self._holds(told["Condition"])

    def _holds(self, condition: str) -> bool:
        holds = self._filled_in(self.template["Conditions"][condition])
        assert isinstance(holds, bool)
        return holds

    def _filled_in(self, told: Any) -> Any:
        if isinstance(told, list):
            parts = [self._filled_in(part) for part in told]
            return [part for part in parts if part is not _NOTHING]
        if not isinstance(told, dict):
            return told
        if len(told) == 1:
            [(name, said)] = told.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._asked(name, said)
        parts_by_name = {name: self._filled_in(part) for name, part in told.items()}
        return {name: part for name, part in parts_by_name.items() if part is not _NOTHING}

    def _asked(self, function: str, said: Any) -> Any:
        if function == "Fn::If":
            condition, then, otherwise = said
            return self._filled_in(then if self._holds(condition) else otherwise)
        if function == "Fn::Sub":
            text, names = said if isinstance(said, list) else (said, {})
            known = {name: self._filled_in(value) for name, value in names.items()}
            return _VARIABLE.sub(lambda at: known.get(at[1], self._named(at[1])), text)
        said = self._filled_in(said)
        match function, said:
            case "Ref", "AWS::NoValue":
                return _NOTHING
            case "Ref", name:
                return self._named(name)
            case "Fn::GetAtt", [name, attribute]:
                return f"<{name}.{attribute}>"
            case "Fn::GetAtt", name:
                return f"<{name}>"
            case "Fn::FindInMap", [table, row, column]:
                return self.template["Mappings"][table][row][column]
            case "Fn::Split", [separator, text]:
                return text.split(separator)
            case "Fn::Select", [place, parts]:
                return parts[int(place)]
            case "Fn::Not", [holds]:
                return not holds
            case "Fn::Equals", [one, other]:
                return str(one) == str(other)
        raise NotImplementedError(f"{function} of {said!r}")

    def _named(self, name: str) -> str:
        return self._values.get(name, f"<{name}>")


@cache
def stack(**parameters: str) -> Stack:
    """To be read only: everyone who asks for the same parameters shares it."""
    given = NEEDED | parameters
    translator = _translator()
    assert translator.stdin and translator.stdout
    translator.stdin.write(json.dumps(given) + "\n")
    translator.stdin.flush()
    return Stack(json.loads(translator.stdout.readline()), given)


@cache
def _translator() -> subprocess.Popen[str]:
    """One for all, since starting it takes several times as long as a translation."""
    translator = subprocess.Popen(
        [sam_tool("python"), ROOT / "tests" / "sam_translate.py", ROOT / "template.yaml"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(translator.communicate)  # it ends when nobody can ask it any more
    return translator
