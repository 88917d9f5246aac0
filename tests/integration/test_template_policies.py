"""What the template lets the functions do in AWS: all that they do, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from starlette.testclient import TestClient

from core.bucket import SEARCH_UPLOADS
from core.settings import Settings
from handlers.api import create_app
from handlers.aws_batch import answer
from handlers.compose import open_shop
from handlers.fetching import Fetching
from tests.aws import LocalAws
from tests.aws_bucket import BUCKET, bucket_on
from tests.bucket_messages import batch
from tests.photos import jpeg
from tests.stack import NEEDED, ROOT, WEBHOOKS, stack
from tests.tables import new_table

PERMISSIONS = {"ListObjectsV2": "ListBucket", "HeadObject": "GetObject"}
"""Of operations that are not called as the permission for them is."""
BY_LAMBDA = {"sqs:ReceiveMessage", "sqs:DeleteMessage"} | {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
}
AT_THE_START = "secretsmanager:GetSecretValue"
EVERYTHING = {"SearchNeedsKey": "true", "WebhookSecretsArn": WEBHOOKS}
_OPERATIONS = re.compile(r'(?:_client\.|_ask\(")(\w+)')

Call = tuple[str, str]
"""An action, and what it is done to."""


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for role, told in stack(**EVERYTHING).of("AWS::IAM::Role").items():
        for policy in told["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role, statement


def listed(told: str | list[str]) -> list[str]:
    return [told] if isinstance(told, str) else told


def test_every_policy_names_its_actions_and_resources() -> None:
    roles = set()
    for role, statement in statements():
        roles.add(role)
        assert statement["Effect"] == "Allow"
        for action in listed(statement["Action"]):
            assert re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action), action
        for resource in listed(statement["Resource"]):
            named = re.fullmatch(
                r"<\w+(\.Arn)?>(/(images|feeds|reports|uploads/search)/\*)?", resource
            )
            assert named or resource.startswith("arn:aws:secretsmanager:"), resource
            assert "*" not in resource or resource.startswith("<PhotoBucket.Arn>/")
    used = {it["Role"] for it in stack().of("AWS::Lambda::Function").values()}
    assert used == {f"<{role}.Arn>" for role in roles}


def test_the_only_policy_of_anothers_hand_lets_traces_be_written() -> None:
    for role in stack().of("AWS::IAM::Role").values():
        assert role["ManagedPolicyArns"] == ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]
        [trusted] = role["AssumeRolePolicyDocument"]["Statement"]
        assert trusted["Principal"] == {"Service": "lambda.amazonaws.com"}


def allowed(role: str) -> list[tuple[set[str], list[str]]]:
    """Actions, and what they may be done to."""
    return [
        (set(listed(statement["Action"])), listed(statement["Resource"]))
        for name, statement in statements()
        if name == role
    ]


def actions(role: str) -> set[str]:
    return set().union(*(actions for actions, _ in allowed(role)))


def check(calls: set[Call], role: str) -> None:
    for action, done_to in sorted(calls):
        assert any(
            action in actions and any(fnmatchcase(done_to, one) for one in resources)
            for actions, resources in allowed(role)
        ), f"{role} may not do {action} to {done_to}"


@pytest.mark.parametrize(
    ("function", "role"), [("ApiFunction", "ApiRole"), ("IndexFunction", "IndexRole")]
)
def test_each_may_read_the_secrets_its_settings_name(function: str, role: str) -> None:
    variables = stack(**EVERYTHING).properties(function)["Environment"]["Variables"]
    secrets = {"<AdminKeys>", "<SearchKeys>", NEEDED["QdrantKeyArn"], WEBHOOKS}
    [readable] = [of for actions, of in allowed(role) if AT_THE_START in actions]
    assert sorted(readable) == sorted(secrets & set(variables.values()))


@contextmanager
def watched(queue: str = "", table: str = "") -> Iterator[set[Call]]:
    """What is asked of AWS meanwhile, by whom it is allowed to."""
    calls: set[Call] = set()
    ask = BaseClient._make_api_call

    def note(client: Any, operation: str, said: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        calls.add((f"{service}:{PERMISSIONS.get(operation, operation)}", done_to(said)))
        return ask(client, operation, said)

    def done_to(said: dict[str, Any]) -> str:
        if said.get("Bucket") == BUCKET:
            return "<PhotoBucket.Arn>" + (f"/{said['Key']}" if "Key" in said else "")
        if table in (said.get("TableName"), *said.get("RequestItems", ())):
            return "<CacheTable.Arn>"
        return "<PhotoQueue.Arn>" if said.get("QueueUrl") == queue else "<DeadLetters.Arn>"

    with patch.object(BaseClient, "_make_api_call", note):
        yield calls


def test_the_indexer_may_do_what_it_does_and_no_more(aws: LocalAws, tmp_path: Path) -> None:
    bucket, table = bucket_on(aws), new_table(aws)
    settings = Settings(
        data_dir=tmp_path,
        image_bucket=BUCKET,
        cache_table=table,
        index_queue_url=bucket.queue_url,
    )
    table_of_shopify = (
        b"Handle,Title,Published,Status,Image Src\r\n"
        b"cup,Cup,true,active,https://photos.example/1.jpg\r\n"
        b"pot,Pot,true,archived,\r\n"
    )
    web = patch.object(Fetching, "photo", lambda self, url: jpeg(3))
    with web, open_shop(settings) as shop:
        for key, data in {
            "images/pot/web-00-1.jpeg": jpeg(2),
            "images/mug.jpg": jpeg(1),
            "images/mug.json": b'{"price": 9}',
            "images/broken.jpg": b"no photo",
            "feeds/all.csv": table_of_shopify,
        }.items():
            bucket.put(key, data)
        bucket.photos.delete("images/mug.json")
        taken = bucket.queue.take()
        with watched(bucket.queue_url, table) as calls:
            answer(batch(taken), shop.settle, shop.queue, "products", lambda: 60)
    check(calls, "IndexRole")
    assert {action for action, _ in calls} == actions("IndexRole") - BY_LAMBDA - {AT_THE_START}


def test_the_api_may_do_what_it_does(aws: LocalAws, tmp_path: Path) -> None:
    bucket, table = bucket_on(aws), new_table(aws)
    settings = Settings(data_dir=tmp_path, image_bucket=BUCKET, cache_table=table)
    bucket.put("images/mug.jpg", jpeg(1))
    with open_shop(settings) as shop, watched(table=table) as calls:
        client = TestClient(create_app(shop), base_url="http://shop/api/v1")
        shop.indexing.settle("mug")
        found = client.post("/search", json={"text_query": "mug"}).json()["results"]
        assert [hit["product_id"] for hit in found] == ["mug"]
        shown = client.get(f"http://shop{found[0]['image_url']}", follow_redirects=False)
        assert shown.status_code == 302  # to the bucket, signed
        assert client.delete("/products/mug").status_code == 204
        signed = client.post("/uploads", json={"purpose": "search"}).json()
        upload = SEARCH_UPLOADS + signed["upload_id"]
        bucket.put(upload, jpeg(1))
        assert client.post("/search", json={"upload_id": signed["upload_id"]}).status_code == 200
    assert upload in signed["url"]
    assert ("s3:GetObject", f"<PhotoBucket.Arn>/{upload}") in calls
    check(calls | {("s3:PutObject", f"<PhotoBucket.Arn>/{upload}")}, "ApiRole")
    assert {action for action, _ in calls} > {"s3:DeleteObject", "dynamodb:BatchGetItem"}


def test_the_api_may_do_what_its_stores_can_and_no_more() -> None:
    can = {
        f"{service}:{PERMISSIONS.get(name, name)}"
        for service, store in (("s3", "s3.py"), ("dynamodb", "dynamodb_table.py"))
        for operation in _OPERATIONS.findall((ROOT / "core" / "stores" / store).read_text())
        if (name := _camel(operation)) not in {"GeneratePresignedUrl", "Close"}  # who ask nobody
    }
    assert can == actions("ApiRole") - BY_LAMBDA - {AT_THE_START}


def _camel(operation: str) -> str:
    return "".join(part.capitalize() for part in operation.split("_"))
