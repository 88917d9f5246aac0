"""Brings the products of a file into a shop through its API: as Google Merchant Center (tables,
RSS, Atom), Shopify and WooCommerce have them, or tables and JSON lines of your own. The format is
known by the file's beginning. Photos are fetched by the shop from their addresses, and sent to it
where they are files of this machine.

A product is said anew: what the file does not say of it, it is without. What was taken and has not
changed since is not sent again, so a run that was stopped goes on where it was, and the file of a
new day costs what is new in it. What is not for sale is removed, what is in no row stays.

The shop is at --url, and is sent the first of ADMIN_KEYS.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from threading import Event

import msgspec

from core.feeds import Row
from core.feeds.reading import Feed, Format, Wanted, open_feed
from core.settings import Settings
from core.web_photos import MAX_ADDRESSES
from scripts.command import ATTENTION, DONE, parser, positive, run
from scripts.imports.files import stamp_of
from scripts.imports.journal import Journal
from scripts.imports.sending import Outcome, Problems, send
from scripts.imports.shop import RemoteShop
from scripts.imports.source import at_hand, is_address, name_of
from scripts.progress import Bar

_EXAMPLES = """examples:
  python -m scripts.imports products.csv --dry-run              what is in it, and what is wrong?
  python -m scripts.imports products.csv                        into the shop on this machine
  python -m scripts.imports https://my.shop/feed.xml --url https://api.my.shop
  python -m scripts.imports shopify.csv --currency EUR          its prices do not say
  python -m scripts.imports list.csv --map name=Titel --map attributes.colour=Farbe
  python -m scripts.imports list.csv --images photos            where photos are that it names"""
_AT_ONCE = 4
_EXAMPLES_SHOWN = 2


def main() -> int:
    options = _options()
    return run(
        lambda settings: imports(settings, options),
        "Stopped. What was taken stays; the same command goes on from there.",
    )


def imports(settings: Settings, options: argparse.Namespace) -> int:
    wanted = Wanted(options.format, dict(options.map), options.currency)
    url = options.url or f"http://127.0.0.1:{settings.port}"
    places = settings.data_dir / "imports"
    name = name_of(options.feed)
    with at_hand(options.feed) as file:
        folder = options.images or file.folder
        feed = open_feed(lambda: file.path.open("rb"), wanted)
        problems = Problems(options.report or places / f"{name}-problems.csv")
        journal = Journal(places / f"{name}-{_mark(url, options.feed)}.taken", folder)
        try:
            if options.dry_run:
                _tell(feed, journal, problems, options.all, folder)
            else:
                key = settings.admin_keys[0] if settings.admin_keys else ""
                _import(feed, journal, problems, options, (url, key, folder))
        finally:
            problems.close()
            print(problems.tell(), end="\n" if problems.count else "")
    return ATTENTION if problems.count else DONE


def _import(
    feed: Feed,
    journal: Journal,
    problems: Problems,
    options: argparse.Namespace,
    where: tuple[str, str, Path | None],
) -> None:
    stopped = Event()
    shop = RemoteShop(*where, pause=stopped.wait)
    if not shop.products():
        journal.forget()  # it is another shop, or one that begins anew
    count = _count(feed, journal, problems, options.all)
    told: Counter[str] = Counter()
    with journal, Bar("Importing") as bar:
        bar.show(0, count["new"])

        def account(outcome: Outcome) -> None:
            row, why = outcome
            told["removed" if row.withdrawn else "taken"] += not why
            if why:
                problems.add(row.line, row.product_id, why)
            else:
                journal.add(row)
            bar.show(told.total() + problems.count - count["bad"], count["new"])

        try:
            send(shop, _new(feed, journal, options.all), options.at_once, account)
        finally:
            stopped.set()
            print(
                f"{told['taken']} products taken, {told['removed']} removed, "
                f"{count['unchanged']} unchanged since the last time, "
                f"{problems.count} rows with something wrong."
            )


def _count(feed: Feed, journal: Journal, problems: Problems, all_: bool) -> Counter[str]:
    """The file is read once before anything is done: how much there is, and what will not do."""
    print(f"Reading it as {feed.format} ... {feed.note}".rstrip(), file=sys.stderr)
    count: Counter[str] = Counter()
    for row in problems.add_bad(feed.rows()):
        count["unchanged" if journal.has(row) and not all_ else "new"] += 1
        count["withdrawn"] += row.withdrawn
        count["crowded"] += len(row.photos or ()) > MAX_ADDRESSES
    count["bad"] = problems.count
    if count["crowded"]:
        more = f"{count['crowded']} products have more than {MAX_ADDRESSES} photos"
        print(f"{more}, of which the first are taken.", file=sys.stderr)
    return count


def _new(feed: Feed, journal: Journal, all_: bool) -> Iterator[Row]:
    for row in feed.rows():
        if isinstance(row, Row) and (all_ or not journal.has(row)):
            yield row


def _tell(
    feed: Feed, journal: Journal, problems: Problems, all_: bool, folder: Path | None
) -> None:
    count = _count(feed, journal, problems, all_)
    shown = 0
    for row in _new(feed, journal, all_):
        missing = [one for one in row.photos or () if stamp_of(one, folder) == "none"]
        if missing:
            problems.add(row.line, row.product_id, f"There is no photo {', '.join(missing)}.")
        if shown < _EXAMPLES_SHOWN and not row.withdrawn:
            shown += 1
            said = {"id": row.product_id, **row.said, "image_urls": row.photos}
            print(msgspec.json.format(msgspec.json.encode(said)).decode())
    print(
        f"An import would come to: {count['new'] - count['withdrawn']} products taken, "
        f"{count['withdrawn']} removed, {count['unchanged']} unchanged; "
        f"{problems.count} rows with something wrong."
    )


def _mark(url: str, source: str) -> str:
    """A file and a shop have a journal of their own."""
    whole = source if is_address(source) else str(Path(source).resolve())
    return blake2b(f"{url}\n{whole}".encode(), digest_size=4).hexdigest()


def _pair(raw: str) -> tuple[str, str]:
    field, equals, column = raw.partition("=")
    if not (field and equals and column):
        raise argparse.ArgumentTypeError(f"must be FIELD=COLUMN, not {raw!r}")
    return field, column


def _currency(raw: str) -> str:
    if not (raw.isascii() and raw.isalpha() and len(raw) == 3):
        raise argparse.ArgumentTypeError(f"must be three letters such as EUR, not {raw!r}")
    return raw.upper()


def _options() -> argparse.Namespace:
    options = parser("imports", __doc__, _EXAMPLES)
    options.add_argument("feed", help="a file, or the address of one; compressed by gzip or not")
    options.add_argument("--url", help="where the API is (here HOST's PORT if not given)")
    options.add_argument("--dry-run", action="store_true", help="say what would be done, no more")
    options.add_argument("--all", action="store_true", help="also what was taken and is unchanged")
    options.add_argument("--format", type=Format, choices=list(Format), help="if it is not seen")
    options.add_argument(
        "--map",
        type=_pair,
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="a column of yours that is one of our fields, such as name=Titel",
    )
    options.add_argument("--currency", type=_currency, help="of prices that do not say theirs")
    options.add_argument(
        "--images", type=Path, metavar="DIR", help="of photos by path (beside FILE if not given)"
    )
    options.add_argument(
        "--at-once", type=positive, default=_AT_ONCE, metavar="N", help="calls side by side"
    )
    options.add_argument(
        "--report", type=Path, metavar="FILE", help="where rows with something wrong are listed"
    )
    return options.parse_args()


if __name__ == "__main__":
    sys.exit(main())
