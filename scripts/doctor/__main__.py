"""Looks at a deployment from where it is run, part by part, and says what is wrong and what to do:
settings and keys, the model, bucket, queue, table, Qdrant, and a search from words to a product;
with --url also the deployed API from outside. It changes nothing, but for an object without
content that is put into the bucket and deleted again. Secrets are never shown.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from core.clip.embedder import load
from core.errors import LikenessError
from core.findings import Finding, Level, failed
from scripts.command import ATTENTION, DONE, guarded, parser
from scripts.doctor.deployed import look_at_api
from scripts.doctor.parts import look_at_parts, look_at_settings

_EXAMPLES = """examples:
  python -m scripts.doctor                              with the settings of the services
  python -m scripts.doctor --url https://api.my.shop    and the deployed API
  python -m scripts.doctor --json                       a line of JSON a finding, for a monitor

Warnings alone leave the exit code at 0."""


def main() -> int:
    options = _options()
    return guarded(lambda: look(options), "Stopped.")


def look(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.CRITICAL)  # what goes wrong is told as a finding
    count: Counter[Level] = Counter()
    for finding in _findings(options.url):
        count[finding.level] += 1
        print(_json(finding) if options.json else _line(finding), flush=True)
    told = ", ".join(f"{count[level]} {level}" for level in Level)
    print(told, file=sys.stderr if options.json else sys.stdout)
    return ATTENTION if count[Level.FAILED] else DONE


def _findings(url: str | None) -> Iterator[Finding]:
    settings, found = look_at_settings()
    yield from found
    if settings is None:
        return
    try:
        embedder = load(settings.model, settings.model_dir)
    except LikenessError as error:
        yield failed("model", error.detail, "set MODEL and MODEL_DIR to one that is built")
        return
    yield from look_at_parts(settings, embedder)
    if url:
        yield from look_at_api(url, settings, embedder.model)


def _line(finding: Finding) -> str:
    to_do = f"\n         -> {finding.advice}" if finding.advice else ""
    return f"{finding.level:<8} {finding.part}: {finding.told}{to_do}"


def _json(finding: Finding) -> str:
    said = {"part": finding.part, "level": finding.level, "told": finding.told}
    return json.dumps({**said, "advice": finding.advice}, ensure_ascii=False)


def _options() -> argparse.Namespace:
    options = parser("doctor", __doc__, _EXAMPLES)
    options.add_argument("--url", type=_url, help="where the deployed API is")
    options.add_argument("--json", action="store_true", help="a line of JSON a finding")
    return options.parse_args()


def _url(raw: str) -> str:
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise argparse.ArgumentTypeError("must be an address such as https://api.my.shop")
    return raw


if __name__ == "__main__":
    sys.exit(main())
