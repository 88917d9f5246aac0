"""Five hundred photos with odd names dropped into S3, some overwritten, some deleted, some broken;
their events told by SQS, many twice and late; the worker killed in the midst of it, again and
again. In the end the index says what the bucket says, and whatever is broken is a dead letter with
its reason, until it is mended and replayed."""

from __future__ import annotations

import signal
import time
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

import numpy as np
import pytest

from core.bucket import Place, Role, place
from core.clip.embedder import whole
from core.clip.loading import Loading
from core.ports import Embedder, Message
from tests.aws import LocalAws
from tests.aws_bucket import AwsBucket, bucket_on
from tests.bucket_messages import notification
from tests.bucket_world import Content, broken_facts, sidecar, unusable
from tests.e2e.running import eventually
from tests.e2e.workers import Worker, worker_on
from tests.photos import jpeg

KILLS = 5
HOLDING = 3
"""Seconds until what a killed worker had in hand comes again."""
ODD = [
    *("plain", "a b", " leading", "50% off", "a+b", "%41", "a&b=c?d#e", 'it\'s "quoted"'),
    *("back\\slash", "кружка 🫖", "日本語", "with.dots.v2", "~home", "-rf"),
    *(unicodedata.normalize(form, "éclair") for form in ("NFC", "NFD")),
]
ALONE, IN_FOLDERS = 300, 100
"""Products with one photo, and with two in a folder."""
OVERWRITTEN, DELETED, POISON_OF_A_KIND = 60, 50, 6
Truth = dict[str, Content]
Steps = list[tuple[str, Content | None]]


def photo(number: int, name: str = "") -> Content:
    says = {"name": name} if name else {}
    return Content(jpeg(number, (320, 240)), says, says)


def photo_keys() -> list[str]:
    keys = [f"images/{ODD[n % len(ODD)]} {n}.jpg" for n in range(ALONE)]
    for n in range(ALONE, ALONE + IN_FOLDERS):
        odd = ODD[n % len(ODD)]
        keys += [f"images/{odd} {n}/1.JPG", f"images/{odd} {n}/deep/er/ and deeper/{odd}.jpg"]
    return keys


def histories(chance: Random) -> dict[str, list[Content | None]]:
    """What becomes of each key, one after the other; None is its end."""
    keys = photo_keys()
    assert len(keys) == 500
    happens: dict[str, list[Content | None]] = {
        key: [photo(n, f"Photo {n}" if n % 3 == 0 else "")] for n, key in enumerate(keys)
    }
    for n, key in enumerate(chance.sample(keys, OVERWRITTEN)):
        happens[key].append(photo(1000 + n, f"Another photo {n}"))
    for key in chance.sample(keys, DELETED):
        happens[key].append(None)
    for n in range(POISON_OF_A_KIND):
        odd = chance.choice(ODD)
        happens[f"images/{odd} no photo {n}.jpg"] = [unusable(photo(n))]
        cut_off = Content(jpeg(n, (320, 240))[:3000], {}, {}, usable=False)
        happens[f"images/{odd} cut off {n}/x.jpg"] = [photo(n), cut_off]
        happens[f"images/{odd} odd price {n}.jpg"] = [broken_facts(photo(2000 + n, "Told"))]
        happens[f"images/{odd} facts {n}.jpg"] = [photo(3000 + n)]
        happens[f"images/{odd} facts {n}.json"] = [broken_facts(sidecar())]
    return happens


def in_some_order(happens: Mapping[str, list[Content | None]], chance: Random) -> Steps:
    """That only each key's own history limits."""
    order = [key for key, contents in happens.items() for _ in contents]
    chance.shuffle(order)
    left = {key: iter(contents) for key, contents in happens.items()}
    return [(key, next(left[key])) for key in order]


def live(bucket: AwsBucket, truth: Truth, steps: Steps, chance: Random) -> None:
    for key, content in steps:
        change(bucket, truth, key, content)
        if chance.random() < 0.2:
            bucket.sqs.send_message(
                QueueUrl=bucket.queue_url,
                MessageBody=notification(key),
                DelaySeconds=chance.randrange(5),
            )


def change(bucket: AwsBucket, truth: Truth, key: str, content: Content | None) -> None:
    if content is None:
        bucket.photos.delete(key)
        truth.pop(key, None)
    else:
        bucket.put(key, content.data, content.metadata)
        truth[key] = content


def where(key: str) -> Place:
    found = place(key)
    assert found is not None
    return found


def poison(truth: Truth) -> set[str]:
    return {key for key, one in truth.items() if not (one.usable and one.facts_usable)}


def expected(bucket: AwsBucket, truth: Truth) -> dict[str, tuple[str, list[str]]]:
    """The name and the photos of every product there should be."""
    stored = sorted(bucket.photos.list(), key=lambda one: (one.modified, one.key))
    assert {one.key for one in stored} == truth.keys()
    photos: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for key in sorted((one.key for one in stored), key=lambda key: not key.endswith(".json")):
        content, its = truth[key], where(key)
        if content.usable and content.facts_usable and "name" in content.says:
            names[its.product_id] = str(content.says["name"])
        if content.usable and its.role is Role.PHOTO:
            photos.setdefault(its.product_id, []).append(key)
    return {one: (names.get(one, one), sorted(keys)) for one, keys in photos.items()}


def check_index(worker: Worker, bucket: AwsBucket, truth: Truth, embedder: Embedder) -> None:
    with worker.index() as index:
        listings = index.page(1000).listings
        found = {
            one.product.id: (one.product.name, [p.key for p in one.photos]) for one in listings
        }
        assert found == expected(bucket, truth)
        for product_id, (_, keys) in found.items():
            meant = [embedder.photo(truth[key].data) for key in keys]
            assert np.allclose(index.vectors([product_id])[product_id][0], meant, atol=1e-4), (
                product_id
            )


def letters(bucket: AwsBucket) -> list[Message]:
    """The dead letters, which stay where they are."""
    found: list[Message] = []
    while taken := bucket.dead.take():
        found += taken
    bucket.dead.hold(found, 0)
    return found


def end_in_the_midst(
    worker: Worker, bucket: AwsBucket, chance: Random, number: signal.Signals
) -> int:
    """How many messages it had in hand and left there."""
    batches = worker.batches()
    eventually(lambda: worker.batches() > batches, 60)
    time.sleep(chance.uniform(0, 0.3))
    status = worker.end(number)
    assert status == (0 if number is signal.SIGTERM else -number)
    return bucket.given_out()


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return whole(Loading("mini", None))


def test_however_it_went_the_index_says_what_the_bucket_says(
    aws: LocalAws,
    tmp_path: Path,
    embedder: Embedder,
    record_property: Callable[[str, object], None],
) -> None:
    chance = Random(2026)
    bucket = bucket_on(aws, holding=HOLDING, receives=20)
    steps = in_some_order(histories(chance), chance)
    truth: Truth = {}
    each = len(steps) // 2 // KILLS
    with worker_on(aws, bucket, tmp_path) as worker:
        began = time.perf_counter()
        left_in_hand = []
        for at in range(0, each * KILLS, each):  # more at once than it does before it is killed
            live(bucket, truth, steps[at : at + each], chance)
            worker.start()
            left_in_hand.append(end_in_the_midst(worker, bucket, chance, signal.SIGKILL))
        assert max(left_in_hand) > 0
        time.sleep(HOLDING)  # until what those had in hand is nobody's
        worker.start()
        assert end_in_the_midst(worker, bucket, chance, signal.SIGTERM) == 0
        worker.start()
        live(bucket, truth, steps[each * KILLS :], chance)
        eventually(lambda: bucket.messages() == 0, 200)
        took = time.perf_counter() - began
        assert worker.end() == 0
        record_property("500 photos and their histories, worker killed 5 times", f"{took:.0f} s")
        check_index(worker, bucket, truth, embedder)

        told = letters(bucket)
        assert {one.labels["Key"] for one in told} == poison(truth)
        for letter in told:
            assert letter.labels["ProductId"] == where(letter.labels["Key"]).product_id
            assert letter.labels["Reason"].startswith(f"{letter.labels['Key']}: ")

        for n, key in enumerate(sorted(poison(truth))):
            mended = sidecar(name="Mended") if key.endswith(".json") else photo(4000 + n, "Mended")
            change(bucket, truth, key, mended if n % 2 else None)
        assert worker.beside("scripts.replay") == 0
        worker.start()
        eventually(lambda: bucket.messages() == 0, 100)
        assert worker.end() == 0
        assert letters(bucket) == []
        check_index(worker, bucket, truth, embedder)
