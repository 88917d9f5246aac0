"""Makes the small model that ships, in a virtual environment with requirements-train.txt:

    python -m scripts.mini views --photos FOLDER --teacher MODEL.onnx
    python -m scripts.mini train --photos FOLDER
    python -m scripts.mini export --photos FOLDER
    python -m scripts.mini evaluate --photos FOLDER

`views` renders products and cuts photos ahead of training; `export` writes core/clip/mini, which
is `evaluate`d any time. Without --photos and --teacher rendered products alone are learnt from.
Photos are a folder with photos.jsonl (scripts/mini/data/photos.py says what is in it), a teacher is
an image model as ONNX (scripts/mini/teacher.py). A GPU is used where torch sees one; on a CPU
training is up to twice as fast with

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=268435456

`train --start CHECKPOINT` goes on from an earlier training, and `--start shipped` from the model
that ships; `average FIRST SECOND` is of a training and of one that went on from it. What made the
model that ships is kept in its model.json, under evaluation.training, one entry a training.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mini",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--work", type=Path, default=Path("data/mini"), help="for views and more")
    steps = parser.add_subparsers(dest="step", required=True)
    for name in ("views", "train", "export", "evaluate"):
        step = steps.add_parser(name)
        step.add_argument("--photos", type=Path, help="a folder of real photos")
        if name == "views":
            step.add_argument("--teacher", type=Path, help="a larger image model (ONNX)")
            step.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
        if name == "train":
            step.add_argument("--steps", type=int, default=2000)
            step.add_argument("--small-steps", type=int, default=1300, help="first, on few pixels")
            step.add_argument("--head-steps", type=int, default=1500, help="before, cheaply")
            step.add_argument("--rate", type=float, default=2e-3)
            step.add_argument("--seed", type=int, default=1)
            step.add_argument("--start", type=Path, help="a checkpoint to go on from, or: shipped")
        if name in ("train", "export"):
            step.add_argument("--checkpoint", type=Path, help="default: WORK/mini.pt")
    mean = steps.add_parser("average")
    mean.add_argument("first", type=Path)
    mean.add_argument("second", type=Path)
    mean.add_argument("--checkpoint", type=Path, help="default: WORK/mini.pt")
    _RUN[(options := parser.parse_args()).step](options)


def _views(options: argparse.Namespace) -> None:
    from scripts.mini.data import photos, rendered

    rendered.make(options.work / "rendered", options.teacher, options.jobs)
    if options.photos:
        photos.make(options.photos, options.work / "photos", options.teacher, options.jobs)


def _train(options: argparse.Namespace) -> None:
    from scripts.mini.train import Plan, Training

    plan = Plan(
        steps=options.steps,
        small_steps=options.small_steps,
        head_steps=options.head_steps,
        rate=options.rate,
        seed=options.seed,
        photos=options.photos is not None,
    )
    Training(options.work, plan, options.start).run(_checkpoint(options))


def _average(options: argparse.Namespace) -> None:
    from scripts.mini.average import average

    average(options.first, options.second, _checkpoint(options))


def _export(options: argparse.Namespace) -> None:
    from scripts.mini.export import export

    export(options.work, _checkpoint(options), options.photos)


def _evaluate(options: argparse.Namespace) -> None:
    from core.clip.embedder import load
    from scripts.mini.evaluate import evaluate, table
    from scripts.mini.score.material import gather

    print(table({"int8": evaluate(load("mini", None, threads=1), gather(options.photos))}))


def _checkpoint(options: argparse.Namespace) -> Path:
    given: Path | None = options.checkpoint
    return given or options.work / "mini.pt"


_RUN = {
    "views": _views,
    "train": _train,
    "average": _average,
    "export": _export,
    "evaluate": _evaluate,
}

if __name__ == "__main__":
    main()
