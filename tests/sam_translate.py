"""The SAM template on stdin as plain CloudFormation on stdout, as the service would translate it.

Run by the Python of `.venv/sam`, which has the translator: see tests/stack.py.
"""

from __future__ import annotations

import json
import os
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # it asks for one, and does nothing there


class NoManagedPolicies:
    """The translator asks for the names of AWS's own policies; the template names them itself."""

    def load(self) -> dict[str, str]:
        return {}


def main() -> None:
    template = yaml_parse(sys.stdin.read())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # What `sam build` puts there.
            resource["Properties"]["ImageUri"] = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/it:1"
    json.dump(transform(template, json.loads(sys.argv[1]), NoManagedPolicies()), sys.stdout)


if __name__ == "__main__":
    main()
