"""The pages agree with the code, and the checks that say so notice when they do not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.check import docs
from scripts.check.locks import lock_problems
from scripts.check.tables import errors_problems, settings_problems
from scripts.check.tree import length_problems, link_problems, target_problems

DOCS = docs.ROOT / "docs"
HASH = f" \\\n    --hash=sha256:{'0' * 64}\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small project in which all is well."""
    (tmp_path / "docs").mkdir()
    for path, text in {
        "README.md": "# A shop\n\n[more](docs/more.md#get-one-how) `make run` `docs/more.md`\n",
        "docs/more.md": "# More\n\n## Get one: how?\n\n```sh\nmake run PORT=1\n```\n",
        "CONTRIBUTING.md": "# Contributing\n",
        "Makefile": "run: ## go\n\t@true\n",
        "pyproject.toml": "[project]\ndependencies = ['a==1']\n"
        "[project.optional-dependencies]\ncloud = ['c==3']\n"
        "[dependency-groups]\ndev = ['b==2']\nsam = ['d==4']",
        "requirements.txt": f"a==1{HASH}",
        "requirements-cloud.txt": f"a==1{HASH}c==3{HASH}",
        "requirements-dev.txt": f"a==1{HASH}b==2 ; os_name == 'posix'{HASH}c==3{HASH}",
        "requirements-sam.txt": f"d==4{HASH}",
        "requirements-train.txt": "a==1\ntorch==9\n",
    }.items():
        (tmp_path / path).write_text(text)
    return tmp_path


def edited(tmp_path: Path, name: str, pattern: str, by: str) -> Path:
    """A copy of one of our pages with one thing changed."""
    text, count = re.subn(pattern, by, (DOCS / name).read_text(), count=1, flags=re.MULTILINE)
    assert count == 1
    page = tmp_path / name
    page.write_text(text)
    return page


def test_our_own_pages_agree_with_the_code() -> None:
    assert "\n".join(docs.problems(docs.ROOT)) == ""


@pytest.mark.parametrize(
    ("pattern", "by", "told"),
    [
        (r"^\| `PORT`.*\n", "", "the setting PORT is missing"),
        (r"\| `8000`", "| `8080`", "PORT defaults to 8000, not 8080"),
        (r"\| `PORT`", "| `PORTAL`", "PORTAL is no setting"),
        (r"\| `9000`", "| `many`", "PORT: must be a whole number"),
        (r"^(\| `MODEL_DIR` \|) – ", r"\1 `models` ", "MODEL_DIR defaults to –, not models"),
    ],
)
def test_a_wrong_settings_page_is_noticed(tmp_path: Path, pattern: str, by: str, told: str) -> None:
    problems = settings_problems(edited(tmp_path, "settings.md", pattern, by))
    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("pattern", "by", "told"),
    [
        (r"^\| `query_empty`.*\n", "", "the error code query_empty is missing"),
        (r"\| `query_empty` \| 422", "| `query_empty` | 400", "query_empty answers 422, not 400"),
        (r"\| `query_empty`", "| `query_void`", "query_void is no error code"),
    ],
)
def test_a_wrong_errors_page_is_noticed(tmp_path: Path, pattern: str, by: str, told: str) -> None:
    problems = errors_problems(edited(tmp_path, "errors.md", pattern, by))
    assert any(told in problem for problem in problems), problems


def test_a_tree_in_which_all_is_well(tree: Path) -> None:
    checks = (link_problems, target_problems, length_problems, lock_problems)
    assert [problem for check in checks for problem in check(tree)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[gone](docs/gone.md)", "links to docs/gone.md, which is not there"),
        ("![photo](photo.png)", "links to photo.png, which is not there"),
        ("[more](docs/more.md#never)", "links to docs/more.md#never, but no heading"),
        ("[here](#never)", "links to #never, but no heading"),
        ("look at `core/gone.py`", "speaks of core/gone.py, which is not there"),
    ],
)
def test_a_link_to_nowhere_is_noticed(tree: Path, text: str, told: str) -> None:
    (tree / "README.md").write_text(text)
    [problem] = link_problems(tree)
    assert problem.startswith("README.md: ")
    assert told in problem


def test_links_in_examples_and_to_the_web_are_left_alone(tree: Path) -> None:
    text = "```md\n[gone](docs/gone.md)\n```\n[web](https://example.com/x)\n"
    (tree / "README.md").write_text(text)
    assert link_problems(tree) == []


@pytest.mark.parametrize("code", ["`make magic`", "```sh\nls\nmake magic ARGS=1\n```"])
def test_a_make_target_that_is_not_there_is_noticed(tree: Path, code: str) -> None:
    (tree / "docs" / "more.md").write_text(f"To make sure:\n\n{code}\n")
    assert target_problems(tree) == ["docs/more.md: make magic is no target of the Makefile"]


def test_a_long_file_needs_a_reason_and_a_reason_a_long_file(tree: Path) -> None:
    long = tree / "docs" / "long.py"
    long.write_text("#\n" * 251)
    [problem] = length_problems(tree)
    assert problem.startswith("docs/long.py has 251 lines")

    head = "## Files longer than 250 lines\n\n| file | why |\n|---|---|\n"
    contributing = tree / "CONTRIBUTING.md"
    contributing.write_text(f"# C\n\n{head}| `docs/long.py` | one table |\n\n## After\n")
    assert length_problems(tree) == []

    long.write_text("#\n" * 250)
    [problem] = length_problems(tree)
    assert "docs/long.py is not (or no longer) over 250 lines" in problem


def test_environments_and_data_are_not_looked_at(tree: Path) -> None:
    for folder in (".venv/dev", "data/bucket", "docs/__pycache__"):
        (tree / folder).mkdir(parents=True)
        (tree / folder / "long.py").write_text("#\n" * 999)
    assert length_problems(tree) == []


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("requirements.txt", f"a==2{HASH}", "a should be 1, is 2"),
        ("requirements-dev.txt", f"a==1{HASH}c==3{HASH}", "b should be 2, is absent"),
        ("requirements-cloud.txt", f"a==1{HASH}", "c should be 3, is absent"),
        ("requirements-sam.txt", f"a==1{HASH}", "d should be 4, is absent"),
        ("requirements.txt", "a==1\n", "a has no hash"),
        ("requirements-train.txt", "a==2\ntorch==9\n", "a should be 1 as at run time, is 2"),
        ("requirements.txt", f"--index-url https://mirror.example\na==1{HASH}", "names a place"),
        ("requirements.txt", f"a==1{HASH}c @ file:///c.whl\n", "names a place"),
    ],
)
def test_a_lock_that_does_not_fit_is_noticed(tree: Path, name: str, text: str, told: str) -> None:
    (tree / name).write_text(text)
    [problem] = lock_problems(tree)
    assert problem.startswith(f"{name}: ")
    assert told in problem
