"""infra/azure beside the code. Not compiled: neither PyPI nor npm nor Debian has Bicep's compiler.
tests/bicep_language.py reads the files, and here is looked at what they would make."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from core.settings import SETTING_NAMES, load_settings
from tests.bicep import API, AZURE, IN_S3, QUEUE, WORKER, Room, all_of_it, environment, parsed, room
from tests.bicep_language import Unreadable, parse

FILES = sorted(path.name for path in AZURE.glob("*.bicep"))

DEFAULTS_WILL_DO = {
    "HOST": "the image's command listens on every address",
    "PORT": "the ingress is told 8000",
    "DATA_DIR": "nothing is kept in the replica",
    "MODEL": "the image's, which says which model is in it",
    "MODEL_DIR": "the image's",
    "CACHE_TABLE": "of AWS: each replica remembers for itself",
    "CACHE_TTL": "an hour suits",
    "TOP_K": "callers say how many they want",
    "BLOB_KEY": "the app's managed identity is asked",
    "REQUEST_BUDGET_MS": "ten seconds: the ingress waits for four minutes",
    "ALLOW_HTTP_IMAGES": "photos come over https",
}
API_ALONE = {
    "ADMIN_KEYS",
    "ALLOW_TEST_WEBHOOK",
    "CORS_ORIGINS",
    "EVENT_KEYS",
    "IMAGE_CONTAINER",
    "QUERY_LOG",
    "RATE_LIMIT",
    "SEARCH_KEYS",
    "STALE_TTL",
    "TRUSTED_PROXIES",
    "WEBHOOK_SECRETS",
}
FOR_OTHERS = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_ID"}
"""What botocore and the managed identity read."""
SECRETS = {
    "QDRANT_API_KEY",
    "ADMIN_KEYS",
    "SEARCH_KEYS",
    "WEBHOOK_SECRETS",
    "EVENT_KEYS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
}


def test_every_file_is_used_and_can_be_read() -> None:
    used = {one.what for file in FILES for one in parsed(file) if one.kind == "module"}
    assert used | {"main.bicep"} == set(FILES)


@pytest.mark.parametrize(
    "broken",
    ["param a string = 'b", "var a = [\n 'b'", "var a = {\n b 'c'\n}", "output a = = 'b'", "var a"],
)
def test_what_is_no_bicep_is_told(broken: str) -> None:
    with pytest.raises(Unreadable, match="line"):
        parse(broken)


def test_every_setting_is_set_or_left_alone_for_a_reason() -> None:
    meant = set(SETTING_NAMES) - DEFAULTS_WILL_DO.keys()
    api = set().union(*(environment(one.app(API)) for one in all_of_it()))
    worker = set(environment(all_of_it()[1].app(WORKER)))
    assert api - FOR_OTHERS == meant - {"INDEX_QUEUE_URL"}
    assert worker - FOR_OTHERS == meant - API_ALONE
    assert api & FOR_OTHERS == FOR_OTHERS
    assert worker & FOR_OTHERS == FOR_OTHERS - {"AZURE_CLIENT_ID"}


@pytest.mark.parametrize("told", [{}, {"searchNeedsKey": True, "takesWebhooks": True}, IN_S3])
def test_the_settings_are_such_as_the_server_takes(told: dict[str, Any]) -> None:
    app = room(rateLimit="60/min", **told).app(API)
    secrets = {"WEBHOOK_SECRETS": "back-office=a-secret-of-the-two-of-us"}
    values = {
        name: one.get("value", secrets.get(name, "kitchen-table-2027-a"))
        for name, one in environment(app).items()
    }
    suffix = "<environment.suffixes.storage>"
    values = {name: value.replace(suffix, "core.windows.net") for name, value in values.items()}
    settings = load_settings(values, exposed=True)
    assert bool(settings.image_bucket) is (told is IN_S3)
    assert bool(settings.image_container) is (told is not IN_S3)
    assert settings.trusted_proxies == 1 and settings.qdrant_api_key
    assert (
        bool(settings.search_keys) is bool(settings.webhook_secrets) is ("searchNeedsKey" in told)
    )


def test_the_worker_gets_what_it_asks_for() -> None:
    told = environment(all_of_it()[1].app(WORKER))
    values = {name: one.get("value", "a-key-of-the-vault") for name, one in told.items()}
    settings = load_settings(values, exposed=False)
    assert settings.index_queue_url == QUEUE and settings.image_bucket == "my-photos"


def test_secrets_come_from_the_vault_and_are_told_by_name_alone() -> None:
    for one in all_of_it():
        for app in one.of("Microsoft.App/containerApps"):
            told = app["properties"]["configuration"]["secrets"]
            for secret in told:
                assert set(secret) == {"name", "keyVaultUrl", "identity"}
                assert (
                    secret["keyVaultUrl"] == f"<vault.properties.vaultUri>secrets/{secret['name']}"
                )
            asked = {n: one for n, one in environment(app).items() if n in SECRETS}
            for name, variable in asked.items():
                assert variable == {"name": name, "secretRef": name.lower().replace("_", "-")}
            named = {variable["secretRef"] for variable in asked.values()} | {"sign-in-secret"}
            assert {secret["name"] for secret in told} <= named
            assert {v["secretRef"] for v in asked.values()} <= {s["name"] for s in told}


def test_no_secret_is_a_parameter_in_the_clear_or_an_output() -> None:
    for file in FILES:
        for one in parsed(file):
            named = re.search(r"secret|password|keys?$|token", one.name, re.IGNORECASE)
            if one.kind == "param" and one.what == "string" and named:
                assert "secure" in one.decorators, f"{file}: {one.name}"
                assert one.value is None
            if one.kind == "output":
                assert not named and "getSecret" not in str(one.value), f"{file}: {one.name}"
        text = (AZURE / file).read_text()
        assert "listKeys" not in text and "listCredentials" not in text
    known = json.dumps([one.outputs for one in all_of_it()])
    assert "secret" not in known and "ConnectionString" not in known


def test_the_answers_are_to_what_is_asked() -> None:
    [using, *answers] = parse((AZURE / "main.bicepparam").read_text())
    assert using.value == ("text", ["main.bicep"])
    nobody = Room.__new__(Room)
    told = {one.name: Room.value(nobody, one.value) for one in answers}
    assert told.pop("image") == ""
    assert Room("main.bicep", told).of("Microsoft.KeyVault/vaults")
    asked = [one for one in parsed("main.bicep") if one.kind == "param"]
    assert all("description" in one.decorators for one in asked)
    assert {one.name for one in asked if one.value is None} <= told.keys()
