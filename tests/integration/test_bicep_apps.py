"""What infra/azure makes: the apps, how they scale and are looked after, and who may do what."""

from __future__ import annotations

import json
import re

import pytest

from tests.bicep import (
    API,
    IN_S3,
    NEEDED,
    QUEUE,
    WORKER,
    Room,
    all_of_it,
    container,
    room,
)
from tests.stack import ROOT

ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Delegator": "db58b8e5-c6ad-4a2a-8342-4190687cbf4a",
}
"""Built into Azure, everywhere the same."""


def test_the_image_is_told_by_a_parameter_and_opens_a_door() -> None:
    entrypoint = (ROOT / "handlers" / "entrypoint.sh").read_text()
    assert not room(image="").of("Microsoft.App/containerApps")
    other = room(image="elsewhere.example/likeness@sha256:abc", **IN_S3, indexQueueUrl=QUEUE)
    for app, door in ((API, "server"), (WORKER, "worker")):
        told = container(other.app(app))
        assert told["image"] == "elsewhere.example/likeness@sha256:abc"
        assert told["args"] == [door] and re.search(rf"\b{door}\b.*\)$", entrypoint, re.MULTILINE)
        assert told["resources"] == {"cpu": 0.5, "memory": "1Gi"}


def test_the_api_scales_by_requests_from_zero_to_ten() -> None:
    scale = room().app(API)["properties"]["template"]["scale"]
    assert (scale["minReplicas"], scale["maxReplicas"]) == (0, 10)
    assert scale["rules"] == [
        {"name": "requests", "http": {"metadata": {"concurrentRequests": "10"}}}
    ]
    assert room(minReplicas=1).app(API)["properties"]["template"]["scale"]["minReplicas"] == 1
    with pytest.raises(AssertionError, match="too much"):
        Room("main.bicep", {**NEEDED, "maxReplicas": 11})


def test_the_worker_is_there_for_a_queue_and_scales_by_its_messages() -> None:
    assert len(room().of("Microsoft.App/containerApps")) == 1
    app = room(**IN_S3, indexQueueUrl=QUEUE, workerMaxReplicas=3).app(WORKER)
    scale = app["properties"]["template"]["scale"]
    assert (scale["minReplicas"], scale["maxReplicas"]) == (0, 3)
    [rule] = scale["rules"]
    assert rule["custom"]["type"] == "aws-sqs-queue"
    assert rule["custom"]["metadata"] == {
        "queueURL": QUEUE,
        "awsRegion": "eu-west-1",
        "queueLength": "20",
    }
    secrets = {one["name"] for one in app["properties"]["configuration"]["secrets"]}
    assert {one["secretRef"] for one in rule["custom"]["auth"]} <= secrets
    assert "ingress" not in app["properties"]["configuration"]


def test_by_a_queue_of_azure_it_asks_as_the_app() -> None:
    queue = "https://account.queue.core.windows.net/photos"
    told = {"queueType": "azure-queue", "queueAccount": "account", "indexQueueUrl": queue}
    [rule] = room(**told).app(WORKER)["properties"]["template"]["scale"]["rules"]
    assert rule["azureQueue"] == {
        "accountName": "account",
        "queueName": "photos",
        "queueLength": 20,
        "identity": "<app.id>",
    }


def test_probes_ask_what_the_contract_has() -> None:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    told = {one["type"]: one for one in container(room().app(API))["probes"]}
    assert {kind: one["httpGet"]["path"] for kind, one in told.items()} == {
        "Startup": "/api/v1/health/live",
        "Readiness": "/api/v1/health",
        "Liveness": "/api/v1/health/live",
    }
    for one in told.values():
        assert "security" not in paths[one["httpGet"]["path"]]["get"]
        assert one["httpGet"]["port"] == 8000
        assert one["timeoutSeconds"] <= one["periodSeconds"]
        assert 1 <= one["failureThreshold"] <= 10  # Azure takes no more
    ingress = room().app(API)["properties"]["configuration"]["ingress"]
    assert ingress["targetPort"] == 8000 and ingress["allowInsecure"] is False


@pytest.mark.parametrize("app", [API, WORKER])
def test_a_replica_may_take_longer_to_end_than_its_process_does(app: str) -> None:
    from handlers import consumer, server

    grace = {API: server.GRACE_SECONDS, WORKER: consumer.GRACE_SECONDS}[app]
    template = all_of_it()[1].app(app)["properties"]["template"]
    assert template["terminationGracePeriodSeconds"] > grace


def test_who_pulls_may_pull_alone_and_what_runs_may_do_what_it_needs() -> None:
    assigned = room().of("Microsoft.Authorization/roleAssignments")
    rights = {
        (told["principalId"], str(one["scope"]), told["roleDefinitionId"].rpartition("/")[2])
        for one in assigned
        for told in [one["properties"]]
    }
    assert rights == {
        ("<pull.properties.principalId>", "<registry>", ROLES["AcrPull"]),
        ("<app.properties.principalId>", "<vault>", ROLES["Key Vault Secrets User"]),
        ("<app.properties.principalId>", "<photos>", ROLES["Storage Blob Data Contributor"]),
        ("<app.properties.principalId>", "<account>", ROLES["Storage Blob Delegator"]),
        ("<topic.identity.principalId>", "<deadLetters>", ROLES["Storage Blob Data Contributor"]),
    }
    for app in all_of_it()[1].of("Microsoft.App/containerApps"):
        [registry] = app["properties"]["configuration"]["registries"]
        assert registry["identity"] == "<pull.id>"
        [pull, _] = app["properties"]["configuration"]["identitySettings"]
        assert pull == {"identity": "<pull.id>", "lifecycle": "None"}


def test_the_container_tells_what_happens_below_its_two_prefixes() -> None:
    [told] = room().of("Microsoft.EventGrid/systemTopics/eventSubscriptions")
    url = told["properties"]["destination"]["properties"]["endpointUrl"]
    host = "likeness.<environment.properties.defaultDomain>"
    assert url == f"https://{host}/api/v1/events/blob?key=<secret:event-keys>"
    [subjects] = told["properties"]["filter"]["advancedFilters"]
    inside = "/blobServices/default/containers/photos/blobs/"
    assert subjects["values"] == [f"{inside}images/", f"{inside}feeds/"]
    assert not room(blobEvents=False).of("Microsoft.EventGrid/systemTopics")
    assert not room(**IN_S3).of("Microsoft.Storage/storageAccounts")


def test_nobody_signs_in_unless_that_is_asked_for() -> None:
    assert not room().of("Microsoft.App/containerApps/authConfigs")
    closed = room(signInClientId="an-app")
    [told] = closed.of("Microsoft.App/containerApps/authConfigs")
    free = set(told["properties"]["globalValidation"]["excludedPaths"])
    assert free == {"/api/v1/health", "/api/v1/health/live", "/api/v1/events/blob"}
    registration = told["properties"]["identityProviders"]["azureActiveDirectory"]["registration"]
    secrets = closed.app(API)["properties"]["configuration"]["secrets"]
    assert registration["clientSecretSettingName"] in {one["name"] for one in secrets}


def test_photos_are_nobody_elses_and_no_key_opens_the_account() -> None:
    [account] = room().of("Microsoft.Storage/storageAccounts")
    assert account["properties"]["allowBlobPublicAccess"] is False
    assert account["properties"]["allowSharedKeyAccess"] is False
    [open_to_keys] = room(accountKeys=True).of("Microsoft.Storage/storageAccounts")
    assert open_to_keys["properties"]["allowSharedKeyAccess"] is True


@pytest.mark.parametrize("others", [[], ["https://shop.example", "https://www.shop.example"]])
def test_pages_may_put_photos_into_the_container_ours_among_them(others: list[str]) -> None:
    its = room(corsOrigins=",".join(others))
    [blobs] = its.of("Microsoft.Storage/storageAccounts/blobServices")
    [rule] = blobs["properties"]["cors"]["corsRules"]
    assert rule["allowedOrigins"] == [its.outputs["pageUrl"].rstrip("/"), *others]
    assert (rule["allowedMethods"], rule["allowedHeaders"]) == (
        ["PUT"],
        ["content-type", "x-ms-blob-type"],
    )
