"""Builds a model from published CLIP weights:

    python -m scripts.model clip-vit-b-32
    python -m scripts.model my-clip --source FOLDER

Known names (scripts/model/catalogue.py) are fetched from the hub, or from HF_ENDPOINT. A FOLDER of
one's own has config.json, model.safetensors (or its shards), tokenizer.json and
preprocessor_config.json, as they were published. What comes out is models/NAME, and MODEL=NAME
serves it. A build ends with a comparison with fp32 and with a small test on rendered photos; a
model that lost too much is refused.

Weights are rounded to int8; --quantise auto, which is the default, leaves the layers that lose too
much by it in steps by block, which are finer and slower, or in fp32. int8, block8 and fp32 are for
all layers alike, and --keep-fp32 leaves some out of it, by their names with * for any letters.
--text takes a multilingual text tower (DistilBERT, sentence-transformers) in place of CLIP's own.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import ModelRefused
from scripts.model.build import Order, build
from scripts.model.origin import Origin, published
from scripts.model.patience import FetchFailed
from scripts.model.rounding import QUANTISE

DOWNLOADS = ".published"


def main() -> int:
    options = _options()
    try:
        if options.source:
            origin = Origin(options.source, options.text)
        else:
            origin = published(options.name, options.out / DOWNLOADS)
        order = Order(
            name=options.name,
            source=origin.folder,
            out=options.out,
            text_source=origin.text,
            quantise=options.quantise,
            keep_fp32=tuple(options.keep_fp32),
            origin=origin.told,
            licence=origin.licence or "as at its source",
        )
        print(f"built {build(order)}")
    except (ModelRefused, FetchFailed) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nThe model could not be written or read: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; nothing was built", file=sys.stderr)
        return 130
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", help="what the model is to be called, as MODEL will say it")
    parser.add_argument("--source", type=Path, help="a published folder; fetched if not given")
    parser.add_argument("--text", type=Path, help="with --source: another text tower's folder")
    parser.add_argument("--out", type=Path, default=Path("models"), help="where models are kept")
    parser.add_argument("--quantise", choices=QUANTISE, default=QUANTISE[0])
    parser.add_argument("--keep-fp32", action="append", default=[], metavar="PATTERN")
    options = parser.parse_args()
    if options.text and not options.source:
        parser.error("--text goes with --source")
    return options


if __name__ == "__main__":
    sys.exit(main())
