"""The template beside the code: what it sets and watches is what the doors read and say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from core.settings import SETTING_NAMES, load_settings
from handlers.emf import NAMESPACE, UNITS
from tests.stack import PSEUDO, ROOT, stack

DEFAULTS_WILL_DO = {
    "HOST": "nobody listens: API Gateway calls the function",
    "PORT": "the same",
    "DATA_DIR": "nothing is kept in the instance",
    "MODEL": "the image's, which says which model is in it",
    "MODEL_DIR": "the image's",
    "CACHE_TTL": "an hour suits",
    "TOP_K": "callers say how many they want",
    "CORS_ORIGINS": "API Gateway answers browsers",
    "ALLOW_HTTP_IMAGES": "photos come over https",
    "IMAGE_CONTAINER": "of Azure: the bucket is S3's",
    "BLOB_KEY": "the same",
    "EVENT_KEYS": "the same: S3's events come through their queue",
    "TRUSTED_PROXIES": "API Gateway itself says who calls",
    "REQUEST_BUDGET_MS": "below what the function may take, which counts as well",
}
ONE_DOOR_ALONE = {
    "ApiFunction": {
        "ADMIN_KEYS",
        "ALLOW_TEST_WEBHOOK",
        "QUERY_LOG",
        "RATE_LIMIT",
        "SEARCH_KEYS",
        "STALE_TTL",
        "WEBHOOK_SECRETS",
    },
    "IndexFunction": {"INDEX_QUEUE_URL"},
}
FROM_AZURE = {"AZURE_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER"}
FROM_LAMBDA = {"AWS_REGION", "_X_AMZN_TRACE_ID"}
OWN_ACCORD = {"ORT_DISABLE_TELEMETRY", "OPENBLAS_NUM_THREADS"}  # set by the code itself
_READ = re.compile(r"environ(?:\.get\(|\.setdefault\(|\[)\"(\w+)\"")


def environment(name: str, **parameters: str) -> dict[str, str]:
    told: dict[str, str] = stack(**parameters).properties(name)["Environment"]["Variables"]
    return told


@pytest.mark.parametrize("name", ONE_DOOR_ALONE)
def test_every_setting_is_set_or_left_alone_for_a_reason(name: str) -> None:
    elsewhere = set().union(*(ONE_DOOR_ALONE[other] for other in ONE_DOOR_ALONE if other != name))
    meant = set(SETTING_NAMES) - DEFAULTS_WILL_DO.keys() - elsewhere
    assert environment(name).keys() == meant


def test_the_image_says_which_model_is_in_it() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    [asked] = stack().template["Resources"]["ApiFunction"]["Metadata"]["DockerBuildArgs"]
    assert f"ARG {asked}=" in dockerfile
    assert re.search(rf"^ENV MODEL=\$\{{{asked}\}}", dockerfile, re.MULTILINE)


def test_nothing_else_is_read_from_the_environment() -> None:
    sources = [path for room in ("core", "handlers") for path in (ROOT / room).rglob("*.py")]
    read = {name for path in sources for name in _READ.findall(path.read_text())}
    assert read == FROM_AZURE | FROM_LAMBDA | OWN_ACCORD


@pytest.mark.parametrize("closed", ["true", "false"])
def test_the_settings_are_such_as_the_doors_take(closed: str) -> None:
    api = _as_deployed(environment("ApiFunction", SearchNeedsKey=closed))
    settings = load_settings(api, lambda name: f"what {name} holds", exposed=True)
    assert settings.admin_keys == (f"what {api['ADMIN_KEYS']} holds",)
    assert bool(settings.search_keys) is (closed == "true")
    assert settings.qdrant_url and settings.qdrant_api_key
    assert settings.image_bucket and settings.cache_table
    indexer = load_settings(_as_deployed(environment("IndexFunction")), lambda name: "its key")
    assert indexer.index_queue_url
    assert (indexer.collection, indexer.image_bucket) == (
        settings.collection,
        settings.image_bucket,
    )


@pytest.mark.parametrize("closed", ["true", "false"])
def test_an_operator_is_told_the_settings_of_the_doors(closed: str) -> None:
    given = {"SearchNeedsKey": closed, "CorsOrigins": "https://shop.example"}
    output = stack(**given).outputs["Settings"]
    told = _as_deployed(dict(one.split("=", 1) for one in output.split(" ")))
    doors = environment("IndexFunction", **given) | environment("ApiFunction", **given)
    as_doors = {name: value for name, value in _as_deployed(doors).items() if name in told}
    assert told == as_doors | {
        "AWS_REGION": PSEUDO["AWS::Region"],
        "CORS_ORIGINS": "https://shop.example",
        "MODEL": "mini",
    }
    door_alone = ONE_DOOR_ALONE["ApiFunction"] - {"ADMIN_KEYS", "SEARCH_KEYS"} | {"LOG_LEVEL"}
    assert doors.keys() - told.keys() == door_alone
    assert load_settings(told, lambda name: f"what {name} holds").index_queue_url


def _as_deployed(variables: dict[str, str]) -> dict[str, str]:
    """With something in the place of what only AWS knows."""
    known = {
        "<PhotoQueue>": "https://sqs.eu-west-1.amazonaws.com/111122223333/likeness-photos",
        "<AdminKeys>": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:admin-AbCdEf",
        "<SearchKeys>": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:search-AbCdEf",
        "<PhotoBucket>": "likeness-photos-111122223333-eu-west-1",
        "<CacheTable>": "likeness-CacheTable-1ABCDEFGHIJKL",
    }
    return {name: known.get(value, value) for name, value in variables.items()}


def test_the_handlers_are_there() -> None:
    for function in stack().of("AWS::Lambda::Function").values():
        module, _, name = function["ImageConfig"]["Command"][0].rpartition(".")
        source = (ROOT / module.replace(".", "/")).with_suffix(".py").read_text()
        assert f"\ndef {name}(" in source  # to import it is to open the shop


ALARMS = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "<DeadLetters.QueueName>"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "<PhotoQueue.QueueName>"),
    ("AWS/Lambda", "Errors", "<ApiFunction>"),
    ("AWS/Lambda", "Errors", "<IndexFunction>"),
    ("AWS/Lambda", "Throttles", "<ApiFunction>"),
    ("AWS/Lambda", "Throttles", "<IndexFunction>"),
    ("AWS/ApiGateway", "5xx", "<HttpApi>"),
    ("AWS/ApiGateway", "Latency", "<HttpApi>"),
}


def test_alarms_go_off_for_what_somebody_should_look_at() -> None:
    alarms = stack().of("AWS::CloudWatch::Alarm")
    watched = set()
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["<Alarms>"]
        assert alarm["TreatMissingData"] == "notBreaching"
        [dimension] = alarm["Dimensions"]
        watched.add((alarm["Namespace"], alarm["MetricName"], dimension["Value"]))
    assert watched == ALARMS
    assert alarms["SlowAnswersAlarm"]["ExtendedStatistic"] == "p95"


def test_alarms_are_mailed_to_whoever_is_named() -> None:
    assert stack().of("AWS::SNS::Subscription") == {}
    [mail] = stack(AlarmEmail="shop@example.com").of("AWS::SNS::Subscription").values()
    assert mail == {"TopicArn": "<Alarms>", "Protocol": "email", "Endpoint": "shop@example.com"}


def test_the_dashboard_shows_what_there_is() -> None:
    """CloudWatch draws an empty graph for a metric that nobody writes, and says nothing."""
    body = json.loads(stack(Collection="spring").properties("Dashboard")["DashboardBody"])
    rows = [row for widget in body["widgets"] for row in _whole(widget["properties"]["metrics"])]
    ours = {row[1]: row[2:] for row in rows if row[0] == NAMESPACE}
    assert ours.keys() <= UNITS.keys()
    assert list(ours.values()) == [["Collection", "spring"]] * len(ours)
    theirs = {(row[0], row[1], row[3]) for row in rows if row[0] != NAMESPACE}
    assert theirs >= ALARMS
    places = [(widget["x"], widget["y"]) for widget in body["widgets"]]
    assert len(set(places)) == len(places)


def _whole(rows: list[list[Any]]) -> Iterator[list[str]]:
    """Rows as they are meant: `.` is what stands above, `...` all of it that is not said."""
    above: list[str] = []
    for row in rows:
        said = [part for part in row if not isinstance(part, dict)]
        if said[0] == "...":
            said = above[: len(above) - len(said) + 1] + said[1:]
        above = [above[at] if part == "." else part for at, part in enumerate(said)]
        yield above


def test_the_docs_speak_of_what_is_there_and_of_every_alarm() -> None:
    template = stack().template
    names = {*template["Parameters"], *template["Outputs"], *template["Resources"]}
    page = (ROOT / "docs" / "aws.md").read_text()
    told = set(re.findall(r"`(?:Parameter )?([A-Z][a-z]+(?:[A-Z][A-Za-z]+)+)`", page))
    assert told <= names
    assert stack().of("AWS::CloudWatch::Alarm").keys() <= told
