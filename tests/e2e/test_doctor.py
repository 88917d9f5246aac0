"""`scripts.doctor`: what is wrong with a deployment is said, with what to do, and no secret is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import LocalAws
from tests.e2e.deployed import Deployed, Ran, deployed
from tests.e2e.running import running_shop
from tests.fakes.qdrant_server import KEY, Fault
from tests.photos import jpeg
from tests.tables import client

KEYS = {"ADMIN_KEYS": "kitchen-table-2027-a", "SEARCH_KEYS": "window-shopper-2027"}


@pytest.fixture
def shop(aws: LocalAws, tmp_path: Path) -> Iterator[Deployed]:
    with deployed(aws, tmp_path) as shop:
        ttl = {"AttributeName": "expires_at", "Enabled": True}
        client(aws).update_time_to_live(TableName=shop.table, TimeToLiveSpecification=ttl)
        shop.bucket.put("images/mug.jpg", jpeg(1))
        yield shop


def looked_at(shop: Deployed, *arguments: str, **settings: str) -> Ran:
    """And nothing that is secret was said."""
    done = shop.run("doctor", *arguments, **{**KEYS, **settings})
    for secret in (KEY, *KEYS.values(), "testing"):
        assert secret not in done.out + done.err
    return done


def findings(done: Ran, level: str) -> dict[str, str]:
    told = [json.loads(line) for line in done.out.splitlines()]
    return {one["part"]: one["advice"] for one in told if one["level"] == level}


def test_a_shop_in_which_all_is_well(shop: Deployed) -> None:
    assert shop.run("sync").code == 0
    done = looked_at(shop)
    assert done.code == 0, done.out
    assert "0 warning, 0 failed" in done.out
    for part in ("settings", "keys", "model", "AWS", "bucket", "queue", "dead letters", "table"):
        assert f"ok       {part}" in done.out
    assert "has every payload index" in done.out
    assert "round trip: words to a product" in done.out
    left = [one.key for one in shop.bucket.photos.list()]
    assert left == ["images/mug.jpg"]  # nothing of ours


def test_a_shop_that_is_yet_to_be_filled_and_not_made_by_looking(shop: Deployed) -> None:
    done = looked_at(shop, "--json")
    assert done.code == 0, done.out
    assert "scripts.sync" in findings(done, "warning")["collection products"]
    assert shop.qdrant.local.collections == []


@pytest.mark.parametrize(
    ("settings", "part", "advice"),
    [
        ({"PORT": "many"}, "PORT", "docs/settings.md"),
        ({"ADMIN_KEYS": "short"}, "ADMIN_KEYS", "docs/settings.md"),
        ({"MODEL": "gone"}, "model", "MODEL_DIR"),
        ({"IMAGE_BUCKET": "another"}, "bucket another", "check its name"),
        ({"CACHE_TABLE": "another"}, "table another", "check its name"),
        ({"QDRANT_API_KEY": "a-key-that-is-none"}, "Qdrant", "QDRANT_API_KEY"),
    ],
)
def test_one_part_that_is_wrong_is_named_with_what_to_do(
    shop: Deployed, settings: dict[str, str], part: str, advice: str
) -> None:
    done = looked_at(shop, "--json", **settings)
    assert done.code == 1, done.err
    assert advice in findings(done, "failed")[part]
    assert "Traceback" not in done.err


def test_a_qdrant_that_is_away(shop: Deployed) -> None:
    shop.qdrant.stop()
    done = looked_at(shop, "--json")
    assert done.code == 1
    assert "QDRANT_URL" in findings(done, "failed")["Qdrant"]
    assert "bucket shop" in findings(done, "ok")  # the rest is looked at all the same


def test_a_collection_that_lost_an_index_or_is_of_another_model(shop: Deployed) -> None:
    assert shop.run("sync").code == 0
    shop.qdrant.local.drop_index("products", "price")
    done = looked_at(shop, "--json")
    assert done.code == 1
    assert "--again" in findings(done, "failed")["collection products"]


def test_a_table_of_another_make_and_without_ttl(shop: Deployed, aws: LocalAws) -> None:
    client(aws).create_table(
        TableName="other",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    done = looked_at(shop, "--json", CACHE_TABLE="other")
    assert done.code == 1
    assert "pk" in findings(done, "failed")["table other"]
    assert "expires_at" in findings(done, "warning")["table other"]


def test_dead_letters_and_a_queue_without_a_place_for_them(shop: Deployed) -> None:
    shop.bucket.dead.send("dead")
    assert "replay" in findings(looked_at(shop, "--json"), "warning")["dead letters"]
    alone = shop.bucket.sqs.create_queue(QueueName="alone")["QueueUrl"]
    done = looked_at(shop, "--json", INDEX_QUEUE_URL=alone)
    assert done.code == 1
    assert "dead letters" in findings(done, "failed")


def test_keys_that_are_easily_guessed(shop: Deployed) -> None:
    done = shop.run("doctor", "--json", ADMIN_KEYS="aaaaaaaaaaaaaaaaaaaa")
    assert "keys" in findings(done, "warning")
    assert "aaaaaaaa" not in done.out


def test_the_deployed_api_is_looked_at_from_outside(shop: Deployed, tmp_path: Path) -> None:
    origins = {"CORS_ORIGINS": "https://shop.example"}
    here = {"IMAGE_BUCKET": "", "CACHE_TABLE": "", "QDRANT_URL": "", "QDRANT_API_KEY": ""}
    (tmp_path / "served" / "bucket" / "images").mkdir(parents=True)
    (tmp_path / "served" / "bucket" / "images" / "mug.jpg").write_bytes(jpeg(1))
    with running_shop(tmp_path / "served", **KEYS, **origins) as running:
        address = str(running.client.base_url).removesuffix("/api/v1/")
        done = looked_at(shop, "--url", address, **here, **origins)
        assert done.code == 0, done.out
        assert "API: is healthy" in done.out
        assert "takes no writes without a key" in done.out
        assert "API: finds" in done.out
        assert "CORS: lets https://shop.example in" in done.out
        other = {"SEARCH_KEYS": "another-key-2027", "CORS_ORIGINS": "https://other.example"}
        done = looked_at(shop, "--json", "--url", address, **here, **other)
        assert done.code == 1
        assert {"API", "CORS"} <= findings(done, "failed").keys()
    gone = looked_at(shop, "--json", "--url", address, **here)
    assert gone.code == 1
    assert "check the address" in findings(gone, "failed")["API"]


def test_ctrl_c_ends_it(shop: Deployed) -> None:
    shop.qdrant.faults.append(Fault(wait=30))
    stopped = shop.interrupted("doctor", when=lambda: bool(shop.qdrant.asked))
    assert stopped.code == 130
    assert "Stopped." in stopped.err
    assert "ok       bucket" in stopped.out  # each line as soon as it was found
