"""Whether the bucket, the queue and the table are there, let us in, and are as they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import LikenessError
from core.findings import Finding, doubtful, failed, fine
from core.stores.aws import connect
from core.stores.sqs import SqsQueue

PROBE = "images/.likeness-doctor"
"""A hidden name, which no indexer takes for a photo, where the services may write."""
_TTL = "expires_at"
_DENIED = ("AccessDenied", "AccessDeniedException", "403", "Forbidden")


def look_at_credentials() -> Iterator[Finding]:
    session = botocore.session.get_session()
    part = "AWS credentials"
    try:
        found = session.get_credentials()
    except BotoCoreError as error:
        yield failed(part, f"can't be had: {type(error).__name__}", "look at the AWS environment")
        return
    if found is None:
        yield failed(part, "there are none", "set AWS_PROFILE, or run it where a role is given")
    else:
        yield fine(part, f"from {found.method}")


def look_at_bucket(bucket: str) -> Iterator[Finding]:
    part, s3 = f"bucket {bucket}", connect("s3")
    here = {"Bucket": bucket}
    listed = _try(lambda: s3.list_objects_v2(**here, Prefix="images/", MaxKeys=1))
    if isinstance(listed, str):
        yield failed(part, f"can't be listed: {listed}", _to_do(listed, "s3:ListBucket"))
        return
    yield fine(part, "can be listed")
    key = next((one["Key"] for one in listed.get("Contents", ())), None)
    if key is None:
        yield doubtful(part, "has nothing under images/", "drop photos there")
    else:
        read = _try(lambda: s3.head_object(**here, Key=key))
        if isinstance(read, str):
            yield failed(part, f"can't be read: {read}", _to_do(read, "s3:GetObject"))
        else:
            yield fine(part, "can be read")
    put = _try(lambda: s3.put_object(**here, Key=PROBE, Body=b""))
    if isinstance(put, str):
        need = f"{_to_do(put, 's3:PutObject')}, if products are to be told and uploaded from here"
        yield doubtful(part, f"can't be written to: {put}", need)
        return
    gone = _try(lambda: s3.delete_object(**here, Key=PROBE))
    if isinstance(gone, str):
        yield doubtful(part, f"can't be deleted from: {gone}", f"delete {PROBE} by hand")
    else:
        yield fine(part, "can be written to")


def look_at_queue(url: str) -> Iterator[Finding]:
    part = "queue of events"
    queue = SqsQueue.connect(url)
    try:
        yield fine(part, f"{queue.waiting()} wait, each for {queue.holding:.0f} s when taken")
    except LikenessError:
        yield failed(part, "can't be asked", "check INDEX_QUEUE_URL and sqs:GetQueueAttributes")
        return
    part = "dead letters"
    try:
        dead = queue.dead_letters.waiting()
    except LikenessError as error:
        yield failed(part, error.detail, "name a dead-letter queue, and allow sqs:GetQueueUrl")
        return
    if dead:
        what = "list them: python -m scripts.replay --dry-run"
        yield doubtful(part, f"{dead} events could not be indexed", what)
    else:
        yield fine(part, "there are none")


def look_at_table(name: str) -> Iterator[Finding]:
    part, dynamodb = f"table {name}", connect("dynamodb")
    told = _try(lambda: dynamodb.describe_table(TableName=name)["Table"])
    if isinstance(told, str):
        yield failed(part, f"can't be asked: {told}", _to_do(told, "dynamodb:DescribeTable"))
        return
    types = {one["AttributeName"]: one["AttributeType"] for one in told["AttributeDefinitions"]}
    keys = [(one["AttributeName"], one["KeyType"]) for one in told["KeySchema"]]
    if keys != [("pk", "HASH")] or types.get("pk") != "S":
        yield failed(
            part, f"has the key {keys}", "make it anew, with the string pk as its only key"
        )
    else:
        yield fine(part, f"is {told['TableStatus'].lower()}, with the key it should have")
    ttl = _try(lambda: dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"])
    if isinstance(ttl, str):
        yield doubtful(part, f"its TTL: {ttl}", _to_do(ttl, "dynamodb:DescribeTimeToLive"))
    elif ttl.get("TimeToLiveStatus") != "ENABLED" or ttl.get("AttributeName") != _TTL:
        yield doubtful(part, "deletes nothing that has expired", f"turn TTL on, by {_TTL}")
    else:
        yield fine(part, f"deletes what has expired, by {_TTL}")


def _try(ask: Callable[[], Any]) -> Any:
    """The answer, or in one word why there is none."""
    try:
        return ask()
    except ClientError as error:
        return str(error.response.get("Error", {}).get("Code") or "no reason given")
    except BotoCoreError as error:
        return type(error).__name__


def _to_do(why: str, permission: str) -> str:
    return f"allow {permission}" if why in _DENIED else "check its name, and AWS_REGION"
