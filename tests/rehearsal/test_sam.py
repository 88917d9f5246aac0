"""`sam build`, `sam local invoke` and `sam deploy`, with podman for Docker, moto for AWS and a
registry on this machine for ECR.

moto's CloudFormation knows no AWS::Serverless resource, so the functions and the gateway come to
nothing there; what they would be is asserted on the translated template.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scripts.image.__main__ import usual_base
from tests.aws import REGION, LocalAws
from tests.e2e.running import ROOT
from tests.gateway import Answer, event
from tests.rehearsal import material
from tests.rehearsal.docker import docker
from tests.rehearsal.workshop import podman
from tests.sam_tools import sam_tool

STACK = "rehearsal"
BUILT = "docker.io/library/apifunction:likeness"
SECONDS = 900
PARAMETERS = {
    "QdrantUrl": "https://name.cloud.example:6333",
    "QdrantKeyArn": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:qdrant-AbCdEf",
}
NO_CLOUD = {
    "QDRANT_URL": "http://127.0.0.1:9",
    "QDRANT_API_KEY": "",
    "ADMIN_KEYS": "an-admin-key-of-some-length",
    "IMAGE_BUCKET": "photos",
    "INDEX_QUEUE_URL": "http://127.0.0.1:9/photos",
    "CACHE_TABLE": "",
}
"""SAM starts a function in a network of its own, from which nothing of this machine is reached."""


class Sam(NamedTuple):
    folder: Path
    environment: dict[str, str]
    registry: str

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            [sam_tool("sam"), *arguments],
            cwd=self.folder,
            env=os.environ | self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def invoke(self, function: str, asked: Any) -> Any:
        (self.folder / "event.json").write_text(json.dumps(asked))
        (self.folder / "variables.json").write_text(json.dumps({function: NO_CLOUD}))
        files = ["--event", "event.json", "--env-vars", "variables.json"]
        said = self("local", "invoke", function, *files, "--skip-pull-image")
        return json.loads(said.strip().splitlines()[-1])


@pytest.fixture(scope="module")
def sam(base: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sam]:
    """After `sam build`, in a copy of what the image is made of."""
    podman("tag", base, usual_base(ROOT / "Dockerfile"))  # in our own store, in place of AWS's
    folder = material.context()
    shutil.copy2(ROOT / "template.yaml", folder)
    home = tmp_path_factory.mktemp("sam")
    with docker(home) as (said, registry):
        about = {"HOME": str(home), "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION}
        sam = Sam(folder, said | about, registry)
        sam("build")
        yield sam


def test_sam_builds_one_image_for_both_functions(sam: Sam) -> None:
    built = (sam.folder / ".aws-sam" / "build" / "template.yaml").read_text()
    assert built.count("ImageUri: apifunction:likeness") == 2
    [image] = json.loads(podman("image", "inspect", BUILT))
    assert image["User"] == ""  # Lambda has its own


def test_both_functions_answer_when_sam_calls_them(sam: Sam) -> None:
    asked = event("GET", "/openapi.json")
    answer = Answer.of(sam.invoke("ApiFunction", asked))
    assert answer.status == 200
    assert answer.json()["info"]["title"] == "Likeness"
    assert sam.invoke("IndexFunction", {}) == {"batchItemFailures": []}


@pytest.mark.filterwarnings("ignore:Tried to parse AWS::")
def test_the_stack_is_deployed(sam: Sam, aws: LocalAws) -> None:
    aws.client("s3").create_bucket(
        Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    # moto looks for a bucket in the host's name, unless that is this one.
    local = sam._replace(
        environment=sam.environment | {"AWS_ENDPOINT_URL": f"http://localhost:{aws.port}"}
    )
    local(
        *("deploy", "--stack-name", STACK, "--s3-bucket", "templates"),
        *("--image-repository", f"{sam.registry}/likeness", "--capabilities", "CAPABILITY_IAM"),
        *("--no-confirm-changeset", "--no-progressbar", "--parameter-overrides"),
        *(f"{name}={value}" for name, value in PARAMETERS.items()),
    )
    [stack] = aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    resources = aws.client("cloudformation").list_stack_resources(StackName=STACK)
    made = {one["LogicalResourceId"] for one in resources["StackResourceSummaries"]}
    assert made >= {"PhotoBucket", "PhotoQueue", "DeadLetters", "CacheTable"}
    asked_for = aws.client("cloudformation").get_template(StackName=STACK)["TemplateBody"]
    images = set(re.findall(rf"{re.escape(sam.registry)}/likeness:[\w.-]+", str(asked_for)))
    assert len(images) == 1  # for both functions
    assert held(images.pop()) == podman("image", "inspect", BUILT, "--format", "{{.Id}}")


def held(image: str) -> str:
    """Which image the registry has by this name."""
    podman("pull", "--tls-verify=false", image)
    try:
        return podman("image", "inspect", image, "--format", "{{.Id}}")
    finally:
        podman("rmi", image)
