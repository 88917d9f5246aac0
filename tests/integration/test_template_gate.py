"""What `make check` has to look at the template sees what is wrong, and passes over no more than it
would find."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from scripts.check.template import problems
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
    found = problems(tmp_path / "template.yaml")
    assert "PAY_PER_WISH" in found["sam"]
    assert "PAY_PER_WISH" in found["cfn-lint"]
    assert "CKV_AWS_53" in found["checkov"]


def test_every_check_that_is_skipped_has_its_reason_and_would_fail() -> None:
    skips = (ROOT / ".checkov.yaml").read_text().partition("skip-check:\n")[2]
    reasoned = _SKIPPED.findall(skips)
    assert len(reasoned) == len(skips.splitlines())
    told = subprocess.run(
        [
            *(sam_tool("checkov"), "--framework", "cloudformation", "--skip-download"),
            *("--output", "json", "--file", ROOT / "template.yaml"),
        ],
        cwd="/",  # away from the list of those skipped
        capture_output=True,
        text=True,
        timeout=300,
    )
    failed = json.loads(told.stdout)["results"]["failed_checks"]
    assert {check["check_id"] for check in failed} == set(reasoned)
