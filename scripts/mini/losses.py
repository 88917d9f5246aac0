"""What the towers are rewarded for."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.mini.words import RIGHT, WRONG


class Scale(nn.Module):
    """How sharply similarities are told apart; learnt, within bounds."""

    def __init__(self, start: float) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(start).log())

    def forward(self, similarities: Tensor) -> Tensor:
        return similarities * self.log.exp().clamp(max=60.0)


def words_and_images(similarities: Tensor, fit: Tensor) -> Tensor:
    """Each caption to all the images it is right for, each image to all its captions."""
    return (many_right(similarities, fit) + many_right(similarities.T, fit.T)) / 2


def many_right(similarities: Tensor, fit: Tensor) -> Tensor:
    """Each right one against the wrong ones alone: right ones don't compete with each other, and
    what is neither right nor wrong takes no part."""
    right, wrong = fit == RIGHT, fit == WRONG
    against = similarities.masked_fill(~wrong, -1e4).logsumexp(1, keepdim=True)
    each = functional.softplus(against - similarities) * right
    rows = right.sum(1)
    return (each.sum(1) / rows.clamp(min=1)).sum() / (rows > 0).sum().clamp(min=1)


def same_subject(similarities: Tensor, subjects: Tensor) -> Tensor:
    """Each image to the other views of what it shows, against all that show something else."""
    same = subjects[:, None] == subjects[None, :]
    itself = torch.eye(len(subjects), dtype=torch.bool, device=subjects.device)
    fit = torch.where(same, torch.where(itself, 1, RIGHT), WRONG)
    return many_right(similarities, fit)


def right_label(similarities: Tensor, labels: Tensor) -> Tensor:
    """Each photo to the name of its label, against the names of all other labels."""
    return functional.cross_entropy(similarities, labels, label_smoothing=0.05)


def like_teacher(student: Tensor, teacher: Tensor, scale: Scale) -> Tensor:
    """Near the teacher's vector of the same view, and nearer than to those of other photos."""
    target = teacher.detach()
    own = torch.arange(len(student), device=student.device)
    apart = functional.cross_entropy(scale(student @ target.T), own)
    return apart + 2 * (1 - (student * target).sum(1)).mean()
