"""Makes the index anew for the model that MODEL names, while the shop goes on with the old one:

  1. A second index is filled from the bucket and, for what was told through the API, from the
     old one. Stop it whenever you like: the same command goes on.
  2. What was written meanwhile is carried over, and it is checked: nothing lost, searches find.
  3. The second index takes the place of the first at one moment. What was written in between is
     carried over. The old index is kept: --rollback goes back to it, --drop-old throws it away.

In the cloud (QDRANT_URL), start the services with the new MODEL right after 3. Those that still
have the old one answer from the old index; they can't write to either. On a laptop, stop the
server first, and start it again with the new MODEL.
"""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import closing

from core.errors import Misconfigured
from core.indexing import Indexing
from core.ports import Slot, VectorIndex
from core.reindexing import Reindexing, told
from core.settings import Settings
from handlers.compose import open_workshop
from handlers.shop import Workshop
from scripts.command import ATTENTION, DONE, parser, positive, run, to_the_end
from scripts.reindex.verify import verify
from scripts.settling import AT_ONCE, Account, settle_all

_EXAMPLES = """examples:
  MODEL=clip-vit-b-32 python -m scripts.reindex     change the model
  python -m scripts.reindex --large                 the same model, for a million photos and more
  MODEL=mini python -m scripts.reindex --rollback   back to the old one, with its model
  python -m scripts.reindex --drop-old              free the old one's memory"""
_ROUNDS = 5
"""A shop that changes all the time is never carried over entirely: the rest is after the switch."""


def main() -> int:
    options = _options()
    return run(
        lambda settings: reindex(settings, options),
        "Stopped. Nothing is lost; the same command goes on from here.",
    )


def reindex(settings: Settings, options: argparse.Namespace) -> int:
    logging.getLogger("core.refusals").setLevel(logging.ERROR)  # they are listed at the end
    with open_workshop(settings) as shop:
        if options.drop_old:
            return _drop_old(shop)
        if options.rollback:
            _insist_on_the_old_model(shop)
            return _replace(shop, settings, Slot.PREVIOUS, options)
        if options.large and not settings.qdrant_url:
            raise Misconfigured("--large is for an index at QDRANT_URL.")
        if options.restart:
            shop.shelf.drop(Slot.NEXT)
        if not _is_called_for(shop, options):
            return _catch_up(shop, settings, options)
        model, dimension = shop.embedder.model, shop.embedder.dimension
        shop.shelf.begin(model, dimension, large=options.large).close()
        return _replace(shop, settings, Slot.NEXT, options)


def _is_called_for(shop: Workshop, options: argparse.Namespace) -> bool:
    current, previous = (shop.shelf.made_for(slot) for slot in (Slot.CURRENT, Slot.PREVIOUS))
    if current is None:
        raise Misconfigured("There is no index yet. python -m scripts.sync makes one.")
    begun, model = shop.shelf.made_for(Slot.NEXT), shop.embedder.model
    if begun not in (None, model):
        raise Misconfigured(
            f"An index of {begun} was begun, but MODEL says {model}. Go on with the model it was "
            "begun for, or throw it away and begin anew with --restart."
        )
    if current == model and not (options.again or options.large or begun):
        return False
    if previous is not None:
        raise Misconfigured(
            f"The index before this one, of {previous}, is still kept. Go back to it with "
            "--rollback, or throw it away with --drop-old; then there is room for another."
        )
    return True


def _replace(shop: Workshop, settings: Settings, slot: Slot, options: argparse.Namespace) -> int:
    """Fill the index that stands there, put it in the place of the current one, and carry over
    what was written in between."""
    shelf, account = shop.shelf, Account()
    report = settings.data_dir / "not-indexed.csv"
    aside = f"{settings.collection}-{slot}"  # of which no door has cached anything
    with closing(shelf.open(Slot.CURRENT)) as source, closing(shelf.open(slot)) as target:
        work = Reindexing(source, target, _indexing(shop, target, aside))
        print("Comparing the indexes with the bucket ...", file=sys.stderr)
        _fill(work, account, "Indexing anew", options.at_once)
        print(account.tell(report), end="")
        verdict = verify(source, target, account.rejected)
        print(verdict.tell())
        if not options.anyway and (account.failed or not verdict.well):
            print("So the old index stays in its place. Put right what is listed and run this")
            print("again, or run it with --anyway.")
            return ATTENTION
        standing = told(target)
    with to_the_end("A moment: what was written in between is carried over."):
        shelf.switch(slot)
        shop.cache.advance(settings.collection)
        with (
            closing(shelf.open(Slot.PREVIOUS)) as source,
            closing(shelf.open(Slot.CURRENT)) as target,
        ):
            indexing = _indexing(shop, target, settings.collection)
            work = Reindexing(source, target, indexing, work.carried, standing)
            _fill(work, account, "Carrying over the last", options.at_once)
            status = target.status()
    print(account.tell(report), end="")
    print(
        f"{settings.collection} is now the index of {status.model}: {status.products} products, "
        f"{status.photos} photos.\nThe one before, of {shelf.made_for(Slot.PREVIOUS)}, is kept: "
        "--rollback goes back to it, --drop-old throws it away."
    )
    return DONE if account.well else ATTENTION


def _fill(work: Reindexing, account: Account, title: str, at_once: int) -> None:
    for _ in range(_ROUNDS):
        wanted = work.unsettled()
        if not wanted:
            return
        settle_all(lambda one, _: work.settle(one), wanted, account, title, at_once)


def _catch_up(shop: Workshop, settings: Settings, options: argparse.Namespace) -> int:
    """Of a run that was stopped right after it had switched."""
    print(f"The index is of {shop.embedder.model} already; --again makes it anew nevertheless.")
    account = Account()
    with closing(shop.shelf.open(Slot.CURRENT)) as index:
        indexing = _indexing(shop, index, settings.collection)
        if wanted := indexing.unsettled():
            look = indexing.settle
            settle_all(lambda one, _: look(one), wanted, account, "Indexing", options.at_once)
    print(account.tell(settings.data_dir / "not-indexed.csv"), end="")
    return DONE if account.well else ATTENTION


def _indexing(shop: Workshop, index: VectorIndex, scope: str) -> Indexing:
    return Indexing(shop.embedder, index, shop.photos, shop.cache, scope)


def _insist_on_the_old_model(shop: Workshop) -> None:
    previous = shop.shelf.made_for(Slot.PREVIOUS)
    if previous is None:
        raise Misconfigured("There is no index to go back to.")
    if previous != shop.embedder.model:
        raise Misconfigured(
            f"The index to go back to is of {previous}, but MODEL says {shop.embedder.model}. "
            "Set MODEL to the old model."
        )


def _drop_old(shop: Workshop) -> int:
    previous = shop.shelf.made_for(Slot.PREVIOUS)
    dropped = shop.shelf.drop(Slot.PREVIOUS)
    print(f"The index of {previous} is gone." if dropped else "There was no old index.")
    return DONE


def _options() -> argparse.Namespace:
    options = parser("reindex", __doc__, _EXAMPLES)
    which = options.add_mutually_exclusive_group()
    which.add_argument("--rollback", action="store_true", help="go back to the old index")
    which.add_argument("--drop-old", action="store_true", help="throw the old index away")
    which.add_argument(
        "--restart", action="store_true", help="throw away what was begun, and begin again"
    )
    options.add_argument(
        "--large",
        action="store_true",
        help="for very many photos: search by a byte a number, then score the best by the whole "
        "vectors (QDRANT_URL only)",
    )
    options.add_argument(
        "--again", action="store_true", help="even if the index is of this model already"
    )
    options.add_argument(
        "--anyway", action="store_true", help="switch even if something was lost on the way"
    )
    options.add_argument(
        "--at-once",
        type=positive,
        default=AT_ONCE,
        metavar="N",
        help=f"products looked at side by side (here {AT_ONCE} if not given)",
    )
    return options.parse_args()


if __name__ == "__main__":
    sys.exit(main())
