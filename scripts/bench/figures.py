"""Write the tables and draw the plots of what is kept: python -m scripts.bench.figures"""

from __future__ import annotations

import sys

from scripts.bench.kept import FILE, read
from scripts.bench.peers.places import ROOT
from scripts.bench.tables import filled

PAGES = (ROOT / "docs" / "bench.md", ROOT / "README.md")
PLOTS = ROOT / "docs" / "plots"


def write() -> None:
    lines = read(FILE)
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8"), lines), encoding="utf-8")
    from scripts.bench.plots import draw  # which takes a second to import

    for path in draw(PLOTS, lines):
        print(path.relative_to(ROOT), file=sys.stderr)


if __name__ == "__main__":
    write()
