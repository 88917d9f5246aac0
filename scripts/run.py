"""`make run`: the embedded default on a laptop, with the demo catalogue on its first start.

Says what each step does and how far it is, then where everything is, then serves.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path

from core.errors import LikenessError
from core.settings import Settings, load_settings
from handlers.compose import open_shop
from handlers.configure import secrets
from handlers.folder_index import FolderIndexer
from handlers.server import serve, take_port
from scripts.demo.write import write_catalogue
from scripts.progress import Bar

PHOTO_SIZE = 512


def main() -> None:
    try:
        settings = load_settings(look_up=secrets())
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
        )
        listener = take_port(settings)
        if not bucket_of(settings).exists():
            stock_the_shop(settings)
        _say_where(settings)
        serve(settings, listener)
    except LikenessError as error:
        sys.exit(f"{error.code}: {error.detail}")
    except KeyboardInterrupt:
        sys.exit("\nStopped before the shop was open; the next start goes on from here.")


def bucket_of(settings: Settings) -> Path:
    return settings.data_dir / "bucket"


def stock_the_shop(settings: Settings) -> None:
    """Render the demo catalogue into a new bucket and index it.

    The bucket appears under its name only when it is whole, so an interrupted first start
    begins again instead of leaving a half-stocked shop.
    """
    half_made = settings.data_dir / "bucket.half-made"
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(parents=True)
    with Bar("Rendering the demo catalogue") as bar:
        write_catalogue(half_made, PHOTO_SIZE, len(os.sched_getaffinity(0)), bar.show)
    half_made.rename(bucket_of(settings))
    with open_shop(settings) as shop, Bar("Indexing it") as bar:
        indexer = FolderIndexer(shop.indexing.settle, shop.indexing.unsettled)
        indexer.catch_up(bar.show)
        indexer.close()


def _say_where(settings: Settings) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{host}:{settings.port}"
    print(
        f"\n  Likeness\n"
        f"  the page     {base}/\n"
        f"  the docs     {base}/docs\n"
        f"  the bucket   {bucket_of(settings).resolve()}\n"
        f"               (drop photos into its images/ folder, or delete them there)\n"
        f"  Ctrl-C ends it.\n",
        flush=True,
    )


if __name__ == "__main__":
    main()
