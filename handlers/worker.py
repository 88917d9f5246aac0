"""The door for containers that index: messages of the bucket's queue are taken and done with.

Start it with `python -m handlers.worker`, as often as there are processors to keep busy. Ctrl-C or
SIGTERM lets it finish what it took, as far as there is time, and let go of the rest. Killed at any
moment it loses nothing: what it did not finish comes again.
"""

from __future__ import annotations

import logging
import os
import sys

from core.errors import FieldError, LikenessError, SettingsInvalid
from core.settings import Settings, load_settings
from handlers.configure import secrets
from handlers.ending import leave, when_asked_to_end
from handlers.memory import give_back_what_is_freed

log = logging.getLogger(__name__)


def main() -> None:
    # Or numpy would start threads for products of a size that nobody asks it for.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    give_back_what_is_freed()
    when_asked_to_end(leave)
    try:
        settings = load_settings(look_up=secrets(), exposed=False)
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(message)s"
        )
        work(settings)
    except LikenessError as error:
        sys.exit(f"{error.code}: {error.detail}")


def work(settings: Settings) -> None:
    needed = {"IMAGE_BUCKET": settings.image_bucket, "INDEX_QUEUE_URL": settings.index_queue_url}
    if missing := [name for name, value in needed.items() if not value]:
        raise SettingsInvalid(
            f"The worker takes from a bucket's queue, so set {' and '.join(missing)}.",
            fields=[FieldError(name, "is needed") for name in missing],
        )
    # Imported late, as in `handlers.server`: settings that will not do are said at once.
    from handlers.compose import open_shop, to_index
    from handlers.consumer import Consumer

    with open_shop(settings, to_index(settings)) as shop:
        assert shop.queue is not None
        consumer = Consumer(lambda subject: shop.settle(subject, consumer.goes_on), shop.queue)
        when_asked_to_end(consumer.end)
        log.info("waiting for messages of %s", settings.index_queue_url)
        consumer.run()


if __name__ == "__main__":
    main()
