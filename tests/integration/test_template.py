"""What the template promises, looked up in what CloudFormation would be given."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest

from handlers.endpoint import RATE_HEADERS
from tests.stack import NEEDED, ROOT, SECRET, WEBHOOKS, stack

FUNCTIONS = {"ApiFunction": "handlers.aws_http", "IndexFunction": "handlers.aws_index"}
GATEWAY_WAITS = 30


def test_both_functions_are_one_image_and_its_command_chooses() -> None:
    functions = stack().of("AWS::Lambda::Function")
    commands = {name: it["ImageConfig"]["Command"] for name, it in functions.items()}
    assert commands == {name: [f"{module}.handler"] for name, module in FUNCTIONS.items()}
    assert {it["PackageType"] for it in functions.values()} == {"Image"}
    metadata = [stack().template["Resources"][name]["Metadata"] for name in FUNCTIONS]
    assert metadata[0] == metadata[1]  # or SAM builds and pushes it twice
    assert (ROOT / metadata[0]["DockerContext"]).is_dir()


def test_parameters_reach_their_functions() -> None:
    given = stack(
        Architecture="arm64",
        ApiMemory="3538",
        ApiTimeout="10",
        ApiReservedConcurrency="7",
        IndexerMemory="2048",
        IndexerTimeout="120",
        IndexerReservedConcurrency="6",
    )
    api, indexer = (given.properties(name) for name in FUNCTIONS)
    meant = ("Architectures", "MemorySize", "Timeout", "ReservedConcurrentExecutions")
    assert [api[name] for name in meant] == [["arm64"], "3538", "10", "7"]
    assert [indexer[name] for name in meant] == [["arm64"], "2048", "120", "6"]
    assert stack().properties("ApiFunction")["Architectures"] == ["x86_64"]


def test_a_new_account_can_deploy_it() -> None:
    """Its functions may run ten at a time, of which none can be set aside."""
    assert [
        name
        for name, function in stack().of("AWS::Lambda::Function").items()
        if "ReservedConcurrentExecutions" in function
    ] == []
    assert "ProvisionedConcurrencyConfig" not in stack().properties("ApiFunctionAliaslive")


def test_instances_are_kept_warm_where_the_requests_go() -> None:
    warm = stack(ProvisionedConcurrency="2")
    alias = warm.properties("ApiFunctionAliaslive")
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": "2"}
    [path] = warm.properties("HttpApi")["Body"]["paths"].values()
    integration = path["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
    assert "functions/<ApiFunctionAliaslive>/invocations" in integration["uri"]


@pytest.mark.parametrize(
    "changed",
    [
        {"ApiMemory": "3000"},
        {"ApiTimeout": "9"},
        {"LogLevel": "DEBUG"},
        {"Collection": "spring"},
        {"SearchNeedsKey": "true"},
        {"RateLimit": "60/min"},
        {"WebhookSecretsArn": WEBHOOKS},
        {"AllowTestWebhook": "true"},
        {"QueryLog": "true"},
        {"SecretsAsOf": "2027-01-15"},
        {"QdrantUrl": "https://other.example:6333"},
        {"QdrantKeyArn": NEEDED["QdrantKeyArn"].replace("qdrant-", "another-")},
    ],
)
def test_a_parameter_of_the_function_makes_a_new_version(changed: dict[str, str]) -> None:
    """Requests go to the published version: without a new one, the parameter would do nothing."""

    def versions(**parameters: str) -> dict[str, Any]:
        return stack(**parameters).of("AWS::Lambda::Version")

    assert stack(**changed).properties("ApiFunction") != stack().properties("ApiFunction")
    assert versions(**changed) != versions()


def test_every_parameter_of_the_function_is_one_of_those() -> None:
    """Two need no version: a new image is one, and what is set aside is the function's."""
    resources, [version] = stack().template["Resources"], stack().of("AWS::Lambda::Version")
    used = set(re.findall(r'"Ref": "(\w+)"', json.dumps(resources["ApiFunction"])))
    named = set(re.findall(r"\w+", json.dumps(resources[version])))
    for name, told in stack().template["Conditions"].items():
        named |= set(re.findall(r"\w+", json.dumps(told))) if name in named else set()
    parameters = stack().template["Parameters"].keys()
    assert (used & parameters) - named == {"Architecture", "Model", "ApiReservedConcurrency"}


def test_the_versions_description_is_no_longer_than_lambda_takes() -> None:
    longest = {
        "ApiMemory": "10240",
        "LogLevel": "WARNING",
        "RateLimit": "1000000/min",
        "SecretsAsOf": "s" * 16,
        "Collection": "c" * 40,
        "QdrantUrl": "https://".ljust(90, "q"),
        "QdrantKeyArn": SECRET.ljust(94, "s"),
        "WebhookSecretsArn": SECRET.ljust(94, "w"),
        "SearchNeedsKey": "true",
        "AllowTestWebhook": "true",
        "QueryLog": "true",
    }
    for name, value in longest.items():
        assert len(value) == stack().template["Parameters"][name].get("MaxLength", len(value))
    [version] = stack(**longest).of("AWS::Lambda::Version").values()
    assert len(version["Description"]) <= 256


def test_the_gateway_waits_longer_than_the_function_may_take() -> None:
    limits = stack().template["Parameters"]["ApiTimeout"]
    assert int(limits["MaxValue"]) < GATEWAY_WAITS
    assert limits["MinValue"] <= limits["Default"] <= limits["MaxValue"]


def test_the_gateway_throttles() -> None:
    [stage] = stack(ThrottleRate="5", ThrottleBurst="9").of("AWS::ApiGatewayV2::Stage").values()
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": "5",
        "ThrottlingBurstLimit": "9",
    }


def test_access_is_logged_as_json_without_what_shoppers_look_for() -> None:
    [stage] = stack().of("AWS::ApiGatewayV2::Stage").values()
    assert stage["AccessLogSettings"]["DestinationArn"] == "<AccessLog.Arn>"
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"time", "requestId", "method", "path", "status", "ms"} <= line.keys()
    assert not any("query" in value.lower() for value in line.values())


def test_browsers_are_answered_for_the_origins_named() -> None:
    origins = "https://shop.example,https://www.shop.example"
    body = stack(CorsOrigins=origins).properties("HttpApi")["Body"]
    cors = body["x-amazon-apigateway-cors"]
    assert cors["allowOrigins"] == origins.split(",")
    assert {"authorization", "content-type", "x-api-key"} == set(cors["allowHeaders"])
    told = {"x-request-id", "retry-after", *(name.lower() for name in RATE_HEADERS)}
    assert told == set(cors["exposeHeaders"])


def test_nobody_elses_pages_are_let_in_by_default() -> None:
    assert "x-amazon-apigateway-cors" not in stack().properties("HttpApi")["Body"]


def test_pages_put_photos_straight_into_the_bucket_and_do_nothing_else_there() -> None:
    """The page at the API's own address, too, for which no origin is named."""
    [rule] = stack().properties("PhotoBucket")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["*"]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedHeaders"] == ["content-type"]
    assert "ExposedHeaders" not in rule


def test_the_cache_table_forgets_is_encrypted_and_paid_by_use() -> None:
    table = stack().properties("CacheTable")
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["KeySchema"] == [{"AttributeName": "pk", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "pk", "AttributeType": "S"}]
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_every_log_ends() -> None:
    logs = stack(LogDays="7").of("AWS::Logs::LogGroup")
    assert {log["RetentionInDays"] for log in logs.values()} == {"7"}
    written = {
        it["LoggingConfig"]["LogGroup"] for it in stack().of("AWS::Lambda::Function").values()
    }
    assert written == {"<ApiLog>", "<IndexLog>"}
    assert logs.keys() == {"ApiLog", "IndexLog", "AccessLog"}


def test_no_secret_stands_in_the_template() -> None:
    for name, secret in stack(SearchNeedsKey="true").of("AWS::SecretsManager::Secret").items():
        assert "SecretString" not in secret, name
        assert secret["GenerateSecretString"]["PasswordLength"] >= 32
    assert "NoEcho" not in (ROOT / "template.yaml").read_text()


def test_nothing_waits_for_itself() -> None:
    resources = stack().template["Resources"]
    needs = {name: set(_needs(resource)) & resources.keys() for name, resource in resources.items()}
    assert "PhotoBucket" in needs["ApiFunction"]  # or this looks at nothing
    assert len(list(TopologicalSorter(needs).static_order())) == len(resources)


def _needs(told: Any) -> Iterator[str]:
    """The names that a resource refers to, in any way."""
    if isinstance(told, list):
        for part in told:
            yield from _needs(part)
    elif isinstance(told, dict):
        for name, said in told.items():
            match name, said:
                case (("Ref" | "DependsOn"), str()):
                    yield said
                case "Fn::GetAtt", _:
                    yield said[0] if isinstance(said, list) else said.split(".")[0]
                case "Fn::Sub", _:
                    text = said if isinstance(said, str) else said[0]
                    yield from re.findall(r"\$\{(\w+)", text)
            yield from _needs(said)


def test_a_person_is_told_what_they_need() -> None:
    outputs = stack().outputs
    assert outputs["ApiUrl"] == "<HttpApi.ApiEndpoint>/api/v1"
    assert outputs["PageUrl"] == "<HttpApi.ApiEndpoint>/"
    assert "--secret-id <AdminKeys>" in outputs["AdminKeyCommand"]
    told = {"PhotoBucketName", "PhotoQueueUrl", "DeadLettersUrl", "CacheTableName", "DashboardUrl"}
    assert told < outputs.keys()
    assert "SearchKeyCommand" not in outputs
    assert "SearchKeyCommand" in stack(SearchNeedsKey="true").outputs
