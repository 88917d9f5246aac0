"""Makes the index say what the bucket says: what is new in the bucket is indexed, what changed is
indexed again, what is gone is removed, and feeds that were not taken in yet are. What is right
already is left alone, so run it as often as you like and stop it at any moment: the next run does
what is left.

The bucket is IMAGE_BUCKET, or IMAGE_CONTAINER, or the folder DATA_DIR/bucket. The index is at
QDRANT_URL, or under DATA_DIR; there no server may be running at the same time, but one that runs
does all this itself.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from core.differences import Difference
from core.settings import Settings
from handlers.compose import open_shop, to_index
from handlers.shop import Shop
from scripts.command import ATTENTION, DONE, parser, positive, run
from scripts.settling import AT_ONCE, Account, settle_all

_EXAMPLES = """examples:
  python -m scripts.sync --dry-run            what would it do?
  python -m scripts.sync                      do it
  python -m scripts.sync --prefix shoes-      only products whose ids begin with shoes-
  python -m scripts.sync mug-1 mug-2          only these two"""


_FEED = "taken in"


def main() -> int:
    options = _options()
    return run(
        lambda settings: sync(settings, options),
        "Stopped. What was done stays done; the same command does the rest.",
    )


def sync(settings: Settings, options: argparse.Namespace) -> int:
    logging.getLogger("core.refusals").setLevel(logging.ERROR)  # they are listed at the end
    with open_shop(settings, to_index(settings)) as shop:
        print("Comparing the bucket with the index ...", file=sys.stderr)
        wanted = _wanted(shop, options)
        if options.dry_run:
            print("".join(f"{how}\t{product_id}\n" for product_id, how in wanted.items()), end="")
            print(f"A sync would come to: {_counted(wanted.values())}.", file=sys.stderr)
            return DONE
        shop.indexing.freshen()  # a run before this one may have been killed
        account = Account()
        try:
            if wanted:
                settle_all(shop.settle, wanted, account, "Indexing", options.at_once)
        finally:
            changed = [wanted[product_id] for product_id, one in account.settled.items() if one]
            attention = account.tell(options.report or settings.data_dir / "not-indexed.csv")
            print(f"{_counted(changed)}; {len(account.failed)} not looked at.")
            print(attention, end="")
    return DONE if account.well else ATTENTION


def _wanted(shop: Shop, options: argparse.Namespace) -> dict[str, str]:
    """Products by their ids and feeds by their keys, and what is to be done about each."""
    if options.product:
        found = {one: shop.indexing.difference(one) for one in options.product}
        return {product_id: how for product_id, how in found.items() if how is not None}
    if options.prefix:
        return {**shop.indexing.differences(options.prefix)}
    return {**dict.fromkeys(shop.feeds.unsettled(), _FEED), **shop.indexing.differences()}


def _counted(wanted: Iterable[str]) -> str:
    count = Counter(wanted)
    return ", ".join(f"{count[one]} {one}" for one in (*Difference, _FEED))


def _options() -> argparse.Namespace:
    options = parser("sync", __doc__, _EXAMPLES)
    options.add_argument("product", nargs="*", help="look at these products only, by their ids")
    options.add_argument("--prefix", default="", help="only products whose ids begin with this")
    options.add_argument("--dry-run", action="store_true", help="say what would be done, no more")
    options.add_argument(
        "--at-once",
        type=positive,
        default=AT_ONCE,
        metavar="N",
        help=f"products looked at side by side (here {AT_ONCE} if not given)",
    )
    options.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="where what could not be used is listed (DATA_DIR/not-indexed.csv if not given)",
    )
    return options.parse_args()


if __name__ == "__main__":
    sys.exit(main())
