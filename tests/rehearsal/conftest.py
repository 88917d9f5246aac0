"""What the rehearsal's tests share: images, built once, and a cloud on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.bench.peers.running import run
from tests.aws import LocalAws
from tests.fakes.qdrant_server import KEY, QdrantServer
from tests.rehearsal import material, workshop
from tests.rehearsal.base_image import build_base

HERE = Path(__file__).parent
MINUTES = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rehearse", action="store_true", help="run the heavier tier")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.timeout(20 * MINUTES))
        if not config.getoption("--rehearse", default=False):
            item.add_marker(pytest.mark.skip(reason="heavier, and needs root: make rehearse"))


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The local base image, in podman's store of our own."""
    assert os.geteuid() == 0, "A rehearsal builds a Debian and sets limits for memory: as root."
    workshop.install()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in workshop.furnish().items():
            environment.setenv(name, value)
        yield build_base()
        workshop.sweep()


@pytest.fixture(scope="session")
def mini_image(base: str) -> str:
    return _image("mini", base, material.context())


@pytest.fixture(scope="session")
def vit_image(base: str) -> str:
    return _image(material.VIT, base, material.context(material.random_vit()))


@pytest.fixture(scope="session")
def whole_image(base: str) -> str:
    return _image("mini", base, material.context(), "--embedded")


def _image(model: str, base: str, context: Path, *options: str) -> str:
    name = "".join([model, *options])
    tag = f"localhost/likeness:{name}"
    make = [sys.executable, "-m", "scripts.image", "--engine", "podman", "--tag", tag]
    make += ["--model", model, "--base", base, *options]
    run(
        f"the image with {model} {''.join(options)}",
        ["env", "-C", str(context), "PYTHONPATH=", *make],
    )
    return tag


@pytest.fixture
def qdrant() -> Iterator[QdrantServer]:
    with QdrantServer() as server:
        yield server


@pytest.fixture
def cloud(aws: LocalAws, qdrant: QdrantServer) -> dict[str, str]:
    """What a function is told where everything it needs is on this machine."""
    aws.client("s3").create_bucket(
        Bucket="photos", CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]}
    )
    aws.client("dynamodb").create_table(
        TableName="cache",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return {
        **aws.environment(),
        "QDRANT_URL": qdrant.url,
        "QDRANT_API_KEY": KEY,
        "IMAGE_BUCKET": "photos",
        "CACHE_TABLE": "cache",
        "ADMIN_KEYS": "an-admin-key-of-some-length",
    }
