"""Make the peers ready to be measured, or compare our vectors with transformers':

python -m scripts.bench.peers [--tokenizer FOLDER]
python -m scripts.bench.peers agree [--shape clip-vit-b-32]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.bench.peers import agree, make
from scripts.bench.peers.places import HERE
from scripts.bench.peers.running import StepFailed
from scripts.bench.peers.shapes import SHAPES


def main() -> int:
    options = _options()
    try:
        if options.what == "agree":
            return agree.agree(options.shape, HERE)
        with make.alone(HERE):
            make.everything(HERE, options.tokenizer)
        print("The peers are ready: make bench measures them beside Likeness.", file=sys.stderr)
        return 0
    except (StepFailed, OSError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; the next time goes on from here", file=sys.stderr)
        return 130


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=["make", "agree"], default="make")
    parser.add_argument("--shape", choices=SHAPES, default=next(iter(SHAPES)))
    parser.add_argument("--tokenizer", type=Path, help="a folder with CLIP's own tokenizer.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
