"""The base that stands in for AWS's, made by debootstrap: the registry that has theirs is far."""

from __future__ import annotations

import shutil
from importlib.metadata import version
from pathlib import Path

from scripts.bench.peers.running import run
from tests.rehearsal.workshop import FOLDER
from tests.sam_tools import lambda_emulator

TAG = "localhost/likeness-base:rehearsal"
SUITE = "bookworm"
_HERE = Path(__file__).parent / "base"
_TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
_PACKAGES = "python3,python3-pip,ca-certificates"


def build_base() -> str:
    """Its tag. The system is made once; podman knows by itself what else has to be done again."""
    context = FOLDER / "base"
    context.mkdir(exist_ok=True)
    if not (context / "system.tar").is_file():
        _make_system(context)
    for file in _HERE.iterdir():  # with their times, or podman would take them for others
        shutil.copy2(file, context / file.name)
    shutil.copy2(_TRUSTED, context / _TRUSTED.name)
    shutil.copy2(lambda_emulator(), context / "aws-lambda-rie")
    (context / "aws-lambda-rie").chmod(0o755)
    command = ["podman", "build", "--pull=never", "--layers", "--tag", TAG]
    command += ["--build-arg", f"RUNTIME_CLIENT={version('awslambdaric')}"]
    run("the base image", [*command, str(context)])
    return TAG


def _make_system(context: Path) -> None:
    half_made = context / "system"
    shutil.rmtree(half_made, ignore_errors=True)
    options = ["--variant=minbase", f"--include={_PACKAGES}"]
    run(f"Debian {SUITE} with Python", ["debootstrap", *options, SUITE, str(half_made)])
    packed = context / "system.tar.half-made"
    run("packing it", ["tar", "-C", str(half_made), "-cf", str(packed), "."])
    shutil.rmtree(half_made)
    packed.rename(context / "system.tar")
