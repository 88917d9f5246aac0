"""What the container image weighs, where `make image` has built it."""

from __future__ import annotations

from scripts.bench.peers.places import MODEL, ROOT
from scripts.bench.report import Report, Scale
from scripts.bench.stacks import MINI
from scripts.image.__main__ import usual_base
from scripts.image.engine import EngineFailed, find_engine
from scripts.image.weight import weigh


def measure(report: Report, scale: Scale) -> None:  # noqa: ARG001
    base = usual_base(ROOT / "Dockerfile")
    try:
        engine = find_engine()
        for model in (MINI, MODEL):
            tag = f"likeness:{model}"
            if missing := [image for image in (tag, base) if not engine.has(image)]:
                report.say(f"image: {engine.name} has no {' and no '.join(missing)} to weigh")
                continue
            weight = weigh(engine, tag, base)
            report.value(f"image with {model}, above its base", weight.above, "MB")
            report.value(f"image with {model}, all", weight.above + weight.base, "MB")
    except EngineFailed as problem:
        report.say(f"image: nothing to weigh. {problem}")
