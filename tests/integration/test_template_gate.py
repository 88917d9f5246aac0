"""What `make check` has to look at the template sees what is wrong, and passes over no more than it
would find."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from scripts.check.template import judges, judges_of_azure, problems
from tests.sam_tools import sam_tool
from tests.stack import ROOT

_SKIPPED = re.compile(r"^  - (CKV_\w+) # \w.{20,}", re.MULTILINE)


def test_the_gate_notices_what_is_wrong(tmp_path: Path) -> None:
    text = (ROOT / "template.yaml").read_text()
    for meant, wrong in {
        "BlockPublicAcls: true": "BlockPublicAcls: false",
        "BillingMode: PAY_PER_REQUEST": "BillingMode: PAY_PER_WISH",
    }.items():
        assert meant in text
        text = text.replace(meant, wrong)
    (tmp_path / "template.yaml").write_text(text)
    found = problems(judges(tmp_path / "template.yaml"))
    assert "PAY_PER_WISH" in found["sam"]
    assert "PAY_PER_WISH" in found["cfn-lint"]
    assert "CKV_AWS_53" in found["checkov"]


def test_the_gate_notices_what_is_wrong_on_azure(tmp_path: Path) -> None:
    meant, wrong = "supportsHttpsTrafficOnly: true", "supportsHttpsTrafficOnly: false"
    text = (ROOT / "infra" / "azure" / "photos.bicep").read_text()
    assert meant in text
    (tmp_path / "photos.bicep").write_text(text.replace(meant, wrong))
    assert "CKV_AZURE_3" in problems(judges_of_azure(tmp_path))["checkov (azure)"]


@pytest.mark.parametrize(
    ("config", "framework", "what"),
    [
        (".checkov.yaml", "cloudformation", ["--file", "template.yaml"]),
        ("infra/azure/checkov.yaml", "bicep", ["--directory", "infra/azure"]),
    ],
)
def test_every_check_that_is_skipped_has_its_reason_and_would_fail(
    config: str, framework: str, what: list[str]
) -> None:
    skips = (ROOT / config).read_text().partition("skip-check:\n")[2]
    reasoned = _SKIPPED.findall(skips)
    assert len(reasoned) == len(skips.splitlines())
    option, path = what
    told = subprocess.run(
        [
            *(sam_tool("checkov"), "--framework", framework, "--skip-download"),
            *("--output", "json", option, ROOT / path),
        ],
        cwd="/",  # away from the list of those skipped
        capture_output=True,
        text=True,
        timeout=300,
    )
    failed = json.loads(told.stdout)["results"]["failed_checks"]
    assert {check["check_id"] for check in failed} == set(reasoned)
