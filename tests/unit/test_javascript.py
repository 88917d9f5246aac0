"""TypeScript's compiler over the page's scripts finds what is wrong, or says that it is away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.check.javascript import SETTINGS, VERSION, check
from tests.npm import installed

WRONG = """
import { gone } from "./there.js";
export const wide = document.querySelector("likeness-search").width;
export const picture = gone(misspelt);
"""


def test_what_is_not_there_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    installed("typescript", VERSION)
    (tmp_path / "wrong.js").write_text(WRONG)
    (tmp_path / "there.js").write_text("export const here = 1;")
    include = [str(SETTINGS.with_name("page.d.ts")), "*.js"]
    project = tmp_path / "tsconfig.json"
    project.write_text(json.dumps({"extends": str(SETTINGS), "include": include}))
    assert check(project) != 0
    told = capsys.readouterr().out
    for what in ("'gone'", "'width'", "'misspelt'"):
        assert what in told


def test_without_node_it_says_so_and_stands_in_nobodys_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert check(SETTINGS) == 0
    assert capsys.readouterr().out.startswith("passed over: typescript needs node and npm")
