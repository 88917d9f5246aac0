"""Settings that name secrets, against AWS on this machine and against one that misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic

import pytest

from core.errors import SettingsInvalid
from core.settings import Settings, load_settings
from handlers.configure import secrets
from tests.aws import REGION, LocalAws
from tests.fakes import troubled_aws
from tests.fakes.troubled_aws import Line, Trouble, fails_with, line_to, only, says

ONE, TWO = "a-key-of-sixteen-or-more", "another-key-of-as-many"
NOWHERE = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:gone-AbCdEf"
NO_PARAMETER = f"arn:aws:ssm:{REGION}:123456789012:parameter/gone"
NAMES = ("ADMIN_KEYS", "SEARCH_KEYS", "QDRANT_API_KEY", "WEBHOOK_SECRETS")
OPERATIONS = ("GetSecretValue", "GetParameter")


def secret(aws: LocalAws, name: str, value: str | bytes) -> str:
    kind = "SecretString" if isinstance(value, str) else "SecretBinary"
    arn: str = aws.client("secretsmanager").create_secret(Name=name, **{kind: value})["ARN"]
    return arn


def parameter(aws: LocalAws, name: str, value: str) -> str:
    ssm = aws.client("ssm")
    ssm.put_parameter(Name=name, Value=value, Type="SecureString")
    arn: str = ssm.get_parameter(Name=name)["Parameter"]["ARN"]
    return arn


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def line(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    with line_to(aws) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.address.url)
        yield line


def read(monkeypatch: pytest.MonkeyPatch, **env: str) -> Settings:
    for name, value in {"QDRANT_URL": "https://qdrant.example", **env}.items():
        monkeypatch.setenv(name, value)
    return load_settings(look_up=secrets())


def refused(monkeypatch: pytest.MonkeyPatch, **env: str) -> dict[str, str]:
    with pytest.raises(SettingsInvalid) as caught:
        read(monkeypatch, **env)
    told = str(caught.value) + repr(caught.value)
    assert ONE not in told
    assert TWO not in told
    return {problem.field: problem.message for problem in caught.value.fields}


def test_what_is_named_is_looked_up(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(
        monkeypatch,
        ADMIN_KEYS=secret(aws, "shop/admin", f"{ONE}, {TWO}\n"),
        SEARCH_KEYS=parameter(aws, "/shop/search", ONE),
        QDRANT_API_KEY=parameter(aws, "qdrant", TWO),
        WEBHOOK_SECRETS=secret(aws, "shop/webhooks", f"shop={ONE}"),
    )
    assert settings.admin_keys == (ONE, TWO)
    assert settings.search_keys == (ONE,)
    assert settings.qdrant_api_key == TWO
    assert settings.webhook_secrets == (("shop", ONE),)


def test_a_key_that_is_told_is_not_looked_up(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, ADMIN_KEYS=ONE).admin_keys == (ONE,)
    assert line.asked == []


def test_one_secret_may_serve_twice(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = secret(aws, "both", ONE)
    settings = read(monkeypatch, ADMIN_KEYS=arn, SEARCH_KEYS=arn)
    assert settings.admin_keys == settings.search_keys == (ONE,)


def test_every_secret_that_can_not_be_had_is_told_at_once(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = refused(
        monkeypatch,
        ADMIN_KEYS=NOWHERE,
        SEARCH_KEYS=NO_PARAMETER,
        QDRANT_API_KEY="arn:x",
        WEBHOOK_SECRETS=NOWHERE,
        PORT="x",
    )
    assert told.keys() == {*NAMES, "PORT"}
    assert told["ADMIN_KEYS"] == f"{NOWHERE}: there is no such secret"
    assert told["SEARCH_KEYS"] == f"{NO_PARAMETER}: there is no such parameter"
    assert "neither a secret" in told["QDRANT_API_KEY"]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (ONE.encode(), "binary"),
        (" \n", "empty"),
        (json.dumps({"key": ONE}), "JSON"),
        (f"{ONE},short", "at least 16 characters"),
    ],
)
def test_a_secret_of_no_use_is_told_without_its_value(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch, value: str | bytes, why: str
) -> None:
    told = refused(monkeypatch, ADMIN_KEYS=secret(aws, "odd", value))
    assert why in told["ADMIN_KEYS"]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (fails_with("AccessDeniedException"), "may not be read"),
        (fails_with("ThrottlingException"), "ThrottlingException"),
        (fails_with("InternalServiceError", 500), "InternalServiceError"),
        (says(200, b"<html>Welcome to this network</html>"), "can not be read"),
        (says(200, b"[1]"), "can not be read"),
        (says(200, b"null"), "can not be read"),
        (troubled_aws.hangs_up, "can not be read"),
    ],
    ids=["denied", "throttled", "broken", "a page", "a list", "null", "hung up"],
)
def test_trouble_is_told_and_soon(
    line: Line, monkeypatch: pytest.MonkeyPatch, operation: str, trouble: Trouble, why: str
) -> None:
    line.trouble = only(operation, trouble)
    arn = {"GetSecretValue": NOWHERE, "GetParameter": NO_PARAMETER}[operation]
    assert why in refused(monkeypatch, ADMIN_KEYS=arn)["ADMIN_KEYS"]
    assert 1 <= len(line.asked) <= 2


def test_what_hangs_is_not_waited_for_longer_than_an_init_may_take(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    line.trouble = troubled_aws.hangs
    began = monotonic()
    told = refused(monkeypatch, ADMIN_KEYS=NOWHERE, SEARCH_KEYS=NO_PARAMETER)
    assert monotonic() - began < 9, "of the 10 seconds that Lambda gives an init"
    assert told.keys() == {"ADMIN_KEYS", "SEARCH_KEYS"}


def test_a_hiccup_is_got_over(line: Line, aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = secret(aws, "late", ONE)
    line.trouble = troubled_aws.passing(fails_with("ThrottlingException"), 1)
    assert read(monkeypatch, ADMIN_KEYS=arn).admin_keys == (ONE,)


def test_a_reference_is_no_key_where_nobody_looks_it_up() -> None:
    with pytest.raises(SettingsInvalid, match="nothing here looks it up"):
        load_settings({"ADMIN_KEYS": NOWHERE})
