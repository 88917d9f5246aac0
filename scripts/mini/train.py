"""Trains both towers together, from nothing or on from a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from scripts.mini import tokenizer
from scripts.mini.augment import seen_anew
from scripts.mini.batches import Batch, Batches
from scripts.mini.losses import Scale, like_teacher, same_subject, words_and_images
from scripts.mini.towers import CONTEXT, SIDE, ImageTower, TeacherHead, TextTower

SMALL_SIDE = 80
"""Half the pixels teach nearly as much in half the time, so most of a training is done on them."""

REPORT_EVERY = 20
SAVE_EVERY = 100


@dataclass(frozen=True)
class Plan:
    steps: int
    small_steps: int
    """Of all steps, how many look at small pictures."""
    rate: float = 2e-3
    decay: float = 0.05
    seed: int = 1
    photos: bool = False

    def rate_at(self, step: int) -> float:
        """Up at once, level, and down to nothing over the last third."""
        left = (self.steps - step) / (self.steps * 0.35)
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


class Training:
    def __init__(self, work: Path, plan: Plan, start: Path | None) -> None:
        self.plan = plan
        self.batches = Batches(work, plan.photos, plan.seed)
        before = torch.load(start, map_location="cpu") if start is not None else None
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
        self.model = Model(self.tokenizer.get_vocab_size(), self.batches.teacher_features)
        self.history: list[dict[str, Any]] = []
        if before is not None:
            # Not strictly: there may be a teacher now where there was none, or the other way round.
            self.model.load_state_dict(before["model"], strict=False)
            self.history = before["history"]
        self.model.to(self.device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(
            _groups(self.model, plan.decay), lr=plan.rate, betas=(0.9, 0.98)
        )
        self.dice = torch.Generator().manual_seed(plan.seed)

    def run(self, checkpoint: Path) -> None:
        began = monotonic()
        views = 0
        sums: dict[str, float] = {}
        for step, batch in enumerate(self._made_ahead()):
            for name, value in self._step(batch, step).items():
                sums[name] = sums.get(name, 0.0) + value / REPORT_EVERY
            views += len(batch.pixels)
            if (step + 1) % REPORT_EVERY == 0:
                spent = monotonic() - began
                told = "  ".join(f"{name} {value:.3f}" for name, value in sums.items())
                print(
                    f"step {step + 1}/{self.plan.steps}  {views / spent:.0f} views/s  {told}",
                    flush=True,
                )
                sums = {}
            if (step + 1) % SAVE_EVERY == 0 or step + 1 == self.plan.steps:
                self._save(checkpoint, step + 1, views, monotonic() - began)

    def _made_ahead(self) -> Iterator[Batch]:
        with ThreadPoolExecutor(1) as maker:
            coming = maker.submit(self.batches.batch, 0)
            for step in range(self.plan.steps):
                batch = coming.result()
                coming = maker.submit(self.batches.batch, step + 1)
                yield batch

    def _step(self, batch: Batch, step: int) -> dict[str, float]:
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate_at(step)
        self.optimiser.zero_grad(set_to_none=True)
        shares = list(self.pool.map(self._seen, self._shares(batch, self.plan.side_at(step))))
        seen = torch.cat([share.detach() for share in shares]).requires_grad_()
        # Each lane looked at every so-manieth image: back into the batch's order.
        order = torch.cat(
            [torch.arange(len(seen))[lane :: self.lanes] for lane in range(self.lanes)]
        )
        losses = self._losses(batch, seen[order.argsort()])
        sum(losses.values(), torch.zeros((), device=self.device)).backward()
        assert seen.grad is not None
        gradients = seen.grad.split([len(share) for share in shares])
        list(self.pool.map(torch.autograd.backward, shares, gradients))
        nn.utils.clip_grad_norm_(self.model.parameters(), 2.0)
        self.optimiser.step()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _shares(self, batch: Batch, side: int) -> list[Tensor]:
        images = seen_anew(self._tensor(batch.pixels), side, self.dice)
        return [images[lane :: self.lanes] for lane in range(self.lanes)]

    def _seen(self, images: Tensor) -> Tensor:
        with torch.autocast(self.device.type, torch.bfloat16):
            shown = self.model.image(images.contiguous(memory_format=torch.channels_last))
        return functional.normalize(shown.float(), dim=1)

    def _losses(self, batch: Batch, shown: Tensor) -> dict[str, Tensor]:
        model = self.model
        with torch.autocast(self.device.type, torch.bfloat16):
            said = model.text(*self._tokens(batch.captions.texts))
            head = model.head
            taught = head(self._tensor(batch.taught).float()) if head is not None else None
        said = functional.normalize(said.float(), dim=1)
        fit = self._tensor(batch.fit)
        losses = {
            "words": words_and_images(model.words_scale(said @ shown.T), fit),
            "subject": 0.5
            * same_subject(model.subject_scale(shown @ shown.T), self._tensor(batch.subjects)),
        }
        if taught is not None:
            of_photos = slice(len(shown) - len(taught), None)
            target = functional.normalize(taught.float(), dim=1)
            losses["head"] = words_and_images(model.words_scale(said @ target.T), fit[:, of_photos])
            losses["teacher"] = like_teacher(shown[of_photos], target, model.teacher_scale)
        return losses

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


def _groups(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": decay},
        {"params": others, "weight_decay": 0.0},
    ]
