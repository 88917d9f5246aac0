"""The SAM template that is named, as plain CloudFormation, as the service would translate it: with
the parameters in each line of stdin, as a line on stdout.

Run by the Python of `.venv/sam`, which has the translator: see tests/stack.py.
"""

from __future__ import annotations

import json
import os
import sys
from copy import deepcopy
from pathlib import Path

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # it asks for one, and does nothing there


class NoManagedPolicies:
    """The translator asks for the names of AWS's own policies; the template names them itself."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    template = yaml_parse(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam build` puts there.
            resource["Properties"]["ImageUri"] = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/it:1"
    for line in sys.stdin:
        # It works in what it is given.
        plain = transform(deepcopy(template), json.loads(line), NoManagedPolicies())
        print(json.dumps(plain), flush=True)


if __name__ == "__main__":
    main()
