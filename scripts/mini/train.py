"""Trains both towers together, from nothing or on from a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from scripts.mini import shipped, tokenizer
from scripts.mini.augment import seen_anew
from scripts.mini.batches import Batch, Batches
from scripts.mini.losses import Scale, like_teacher, right_label, same_subject, words_and_images
from scripts.mini.towers import CONTEXT, SIDE, ImageTower, TeacherHead, TextTower, unit

SMALL_SIDE = 96
"""Fewer pixels teach nearly as much in less time, so most of a training is done on them."""

SHIPPED = "shipped"
"""Said in a checkpoint's place: go on from the towers in core/clip/mini."""

REPORT_EVERY = 20
SAVE_EVERY = 100
TAUGHT_A_STEP = 192
"""Photos, two views each, from which the teacher's head learns at a time."""
OPENINGS = ("", "a photo of a ")
"""What is written before a label's name when photos are told apart by it."""


@dataclass(frozen=True)
class Plan:
    steps: int
    small_steps: int
    """Of all steps, how many look at small pictures."""
    rate: float = 2e-3
    decay: float = 0.05
    seed: int = 1
    photos: bool = False
    head_steps: int = 0
    """Before these, how many for the words and the teacher's head alone: a hundred times cheaper,
    for what the teacher sees is known, and then the photos' tower has somebody to follow."""

    def rate_at(self, step: int, steps: int) -> float:
        """Up at once, level, and down to nothing over the last third."""
        left = (steps - step) / (steps * 0.35)
        return self.rate * min(1.0, (step + 1) / 40, max(left, 0.0))

    def side_at(self, step: int) -> int:
        return SMALL_SIDE if step < self.small_steps else SIDE


class Model(nn.Module):
    """Everything that learns."""

    def __init__(self, tokens: int, teacher_features: int) -> None:
        super().__init__()
        self.image = ImageTower()
        self.text = TextTower(tokens)
        self.head = TeacherHead(teacher_features) if teacher_features else None
        self.words_scale = Scale(14.0)
        self.subject_scale = Scale(14.0)
        self.teacher_scale = Scale(14.0)
        self.imitation_scale = Scale(14.0)
        self.label_scale = Scale(14.0)


class Training:
    def __init__(self, work: Path, plan: Plan, start: Path | None) -> None:
        self.plan = plan
        self.batches = Batches(work, plan.photos, plan.seed)
        before = _start(start)
        if before is None:
            self.tokenizer = tokenizer.train(self.batches.sample_texts(60_000))
        else:
            self.tokenizer = Tokenizer.from_str(before["tokenizer"])
        self.tokenizer.enable_truncation(CONTEXT)
        self.tokenizer.enable_padding(pad_id=0)
        torch.manual_seed(plan.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        # Threads within an operation wait for each other thousands of times a step, and by
        # spinning. Threads with their own share of the images wait once.
        self.lanes = torch.get_num_threads() if self.device.type == "cpu" else 1
        torch.set_num_threads(1)
        self.pool = ThreadPoolExecutor(self.lanes)
        self.dice = torch.Generator().manual_seed(plan.seed)
        self.model = Model(self.tokenizer.get_vocab_size(), self.batches.teacher_features)
        self.history: list[dict[str, Any]] = before["history"] if before is not None else []
        if before is not None and "model" in before:
            # Not strictly: there may be a teacher now where there was none, or the other way round.
            self.model.load_state_dict(before["model"], strict=False)
        elif before is not None:
            pixels = torch.from_numpy(self.batches.batch(0).pixels)
            shipped.restore(self.model.image, self.model.text, seen_anew(pixels, SIDE, self.dice))
        self.model.to(self.device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(
            _groups(self.model, plan.decay), lr=plan.rate, betas=(0.9, 0.98)
        )

    def run(self, checkpoint: Path) -> None:
        if self.model.head is not None and self.batches.label_names:
            self._train(self.plan.head_steps, self._head_step)
            self._save(checkpoint, 0, 0, 0)
        with ThreadPoolExecutor(1) as self._maker:
            self._coming = self._maker.submit(self.batches.batch, 0)
            self._train(self.plan.steps, self._step, checkpoint)

    def _train(
        self,
        steps: int,
        learn: Callable[[int], tuple[dict[str, Tensor], int]],
        checkpoint: Path | None = None,
    ) -> None:
        began = monotonic()
        views = 0
        sums: dict[str, float] = {}
        for step in range(steps):
            for group in self.optimiser.param_groups:
                group["lr"] = self.plan.rate_at(step, steps)
            self.optimiser.zero_grad(set_to_none=True)
            losses, seen = learn(step)
            nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
            self.optimiser.step()
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach()) / REPORT_EVERY
            views += seen
            if (step + 1) % REPORT_EVERY == 0:
                spent = monotonic() - began
                told = "  ".join(f"{name} {value:.3f}" for name, value in sums.items())
                print(f"step {step + 1}/{steps}  {views / spent:.0f} views/s  {told}", flush=True)
                sums = {}
            if checkpoint and ((step + 1) % SAVE_EVERY == 0 or step + 1 == steps):
                self._save(checkpoint, step + 1, views, monotonic() - began)

    def _head_step(self, step: int) -> tuple[dict[str, Tensor], int]:
        some = self.batches.taught_photos(step, TAUGHT_A_STEP)
        target = self._through_head(self._tensor(some.taught).float())
        subjects = self._tensor(some.subjects)
        same = same_subject(self.model.subject_scale(target @ target.T), subjects)
        # Words that have learnt already stay as they are: the head comes to them.
        with torch.set_grad_enabled(not self.history):
            names = self._names(step)
        labels = self._label_loss(target, self._tensor(some.labels), names)
        losses = {"head labels": labels, "head subject": 0.25 * same}
        sum(losses.values(), torch.zeros((), device=self.device)).backward()
        return losses, len(some.labels)

    def _step(self, step: int) -> tuple[dict[str, Tensor], int]:
        batch = self._coming.result()
        self._coming = self._maker.submit(self.batches.batch, step + 1)
        shares = list(self.pool.map(self._seen, self._shares(batch, self.plan.side_at(step))))
        seen = torch.cat([share.detach() for share in shares]).requires_grad_()
        # Each lane looked at every so-manieth image: back into the batch's order.
        order = torch.cat(
            [torch.arange(len(seen))[lane :: self.lanes] for lane in range(self.lanes)]
        )
        losses = self._losses(batch, seen[order.argsort()], step)
        sum(losses.values(), torch.zeros((), device=self.device)).backward()
        assert seen.grad is not None
        gradients = seen.grad.split([len(share) for share in shares])
        list(self.pool.map(torch.autograd.backward, shares, gradients))
        return losses, len(seen)

    def _shares(self, batch: Batch, side: int) -> list[Tensor]:
        images = seen_anew(self._tensor(batch.pixels), side, self.dice)
        return [images[lane :: self.lanes] for lane in range(self.lanes)]

    def _seen(self, images: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            seen = self.model.image.features(images.contiguous(memory_format=torch.channels_last))
        return seen.float()

    def _said(self, texts: list[str]) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            return unit(self.model.text(*self._tokens(texts)))

    def _through_head(self, taught: Tensor) -> Tensor:
        assert self.model.head is not None
        with torch.autocast(self.device.type, torch.bfloat16):
            return unit(self.model.head(taught))

    def _losses(self, batch: Batch, seen: Tensor, step: int) -> dict[str, Tensor]:
        model = self.model
        said, shown = self._said(batch.captions.texts), unit(model.image.project(seen))
        subjects, fit = self._tensor(batch.subjects), self._tensor(batch.fit)
        losses = {
            "words": words_and_images(model.words_scale(said @ shown.T), fit),
            "subject": 0.5 * same_subject(model.subject_scale(shown @ shown.T), subjects),
        }
        of_photos = batch.photos
        if len(batch.labels):
            labels = self._tensor(batch.labels)
            losses["labels"] = 0.5 * self._label_loss(shown[of_photos], labels, self._names(step))
        if model.head is not None:
            taught = self._tensor(batch.taught).float()
            losses["imitation"] = like_teacher(
                unit(model.head.imitate(seen)), taught, model.imitation_scale
            )
            # In the joint space only photos follow: the teacher is weak on renders' colours.
            with torch.no_grad():
                target = self._through_head(taught[of_photos])
            losses["teacher"] = like_teacher(shown[of_photos], target, model.teacher_scale)
        return losses

    def _names(self, step: int) -> Tensor:
        opening = OPENINGS[step % len(OPENINGS)]
        return self._said([opening + name for name in self.batches.label_names])

    def _label_loss(self, vectors: Tensor, labels: Tensor, names: Tensor) -> Tensor:
        return right_label(self.model.label_scale(vectors @ names.T), labels)

    def _tokens(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        encodings = self.tokenizer.encode_batch(texts)
        ids = torch.tensor([encoding.ids for encoding in encodings])
        ends = torch.tensor([sum(encoding.attention_mask) - 1 for encoding in encodings])
        return ids.to(self.device), ends.to(self.device)

    def _tensor(self, values: Any) -> Tensor:
        return torch.from_numpy(values).to(self.device)

    def _save(self, checkpoint: Path, step: int, views: int, seconds: float) -> None:
        told = {"step": step, "views": views, "seconds": round(seconds)}
        history = [*self.history, asdict(self.plan) | told]
        half_written = checkpoint.with_suffix(".part")
        learnt = {"model": self.model.state_dict(), "tokenizer": self.tokenizer.to_str()}
        torch.save(learnt | {"history": history}, half_written)
        half_written.replace(checkpoint)


def _start(start: Path | None) -> dict[str, Any] | None:
    if start is None:
        return None
    if str(start) == SHIPPED:
        return {"tokenizer": shipped.tokenizer(), "history": shipped.history()}
    checkpoint: dict[str, Any] = torch.load(start, map_location="cpu")
    return checkpoint


def _groups(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
