"""``python -m scripts.demo FOLDER`` writes the demo shop's photos and facts into a folder."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from scripts.demo.write import write_catalogue
from scripts.progress import Bar


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.demo", description=__doc__)
    parser.add_argument("folder", type=Path, help="the bucket's folder; made if it is not there")
    parser.add_argument("--size", type=int, default=512, help="width and height in pixels")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args()
    if options.size < 32 or options.jobs < 1:
        parser.error("--size must be at least 32 and --jobs at least 1")
    with Bar("Demo shop, products") as bar:
        photos = write_catalogue(options.folder, options.size, options.jobs, bar.show)
    print(f"{photos} photos in {options.folder / 'images'}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
