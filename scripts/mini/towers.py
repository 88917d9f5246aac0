"""The two towers in torch: a small residual net for photos, a small transformer for words."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from scripts.mini import layout

DIMENSION = 512
LEARNT = DIMENSION - layout.NUMBERS
"""The other numbers are the photo's layout (scripts/mini/layout.py), which nobody has to learn."""
SIDE = 112
CONTEXT = 64

MEAN, STD = 128 / 255, 64 / 255
"""(pixel - 128) / 64 for every channel: as int8 goes, the photo's own bytes are the input, so the
exported graph begins to calculate without having to change a single number."""


FEATURES = 512


class Block(nn.Module):
    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = _conv(before, width, 3, stride)
        self.second = _conv(width, width, 3)
        shortens = stride != 1 or before != width
        self.skip = _conv(before, width, 1, stride) if shortens else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(x))) + self.skip(x))


class ImageTower(nn.Module):
    """Convolutions because they learn more from few photos than attention does, and because their
    int8 form is static: a photo's vector never depends on anything but the photo."""

    def __init__(self, depths: tuple[int, int, int] = (1, 2, 3)) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _conv(3, 32, 3, 2), nn.ReLU(inplace=True), _conv(32, 64, 3, 2), nn.ReLU(inplace=True)
        )
        blocks: list[nn.Module] = []
        before = 64
        for stage, (width, depth) in enumerate(zip((64, 128, 256), depths, strict=True)):
            for number in range(depth):
                stride = 2 if stage and not number else 1
                blocks.append(Block(before, width, stride))
                before = width
        self.blocks = nn.Sequential(*blocks)
        self.widen = _conv(before, FEATURES, 1)
        self.project = nn.Linear(FEATURES, LEARNT, bias=False)

    def features(self, x: Tensor) -> Tensor:
        """Normalised pixels [n, 3, s, s] to what the tower has seen in them, in any place."""
        return functional.relu(self.widen(self.blocks(self.stem(x)))).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Normalised pixels to vectors not yet of unit length."""
        return self.project(self.features(x))


def _conv(before: int, after: int, kernel: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return nn.Sequential(conv, nn.BatchNorm2d(after))


class Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        n, length, width = x.shape
        split = self.qkv(self.norm1(x)).view(n, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        # By hand: on a CPU scaled_dot_product_attention is twice as slow backwards.
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        mixed = (scores + mask).softmax(-1) @ value
        x = x + self.out(mixed.transpose(1, 2).reshape(n, length, width))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class TextTower(nn.Module):
    """Causal, so that the vector is read at the end mark and padding behind it changes nothing."""

    def __init__(self, tokens: int, width: int = 160, layers: int = 4, heads: int = 4) -> None:
        super().__init__()
        self.tokens = nn.Embedding(tokens, width)
        self.places = nn.Parameter(torch.empty(CONTEXT, width))
        self.layers = nn.ModuleList(Layer(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, LEARNT, bias=False)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.places, std=0.01)

    def forward(self, ids: Tensor, ends: Tensor) -> Tensor:
        """Padded ids [n, length] and where each text ends, to vectors not yet of unit length."""
        length = ids.shape[1]
        mask = torch.full((length, length), -1e4, device=ids.device).triu(1)
        x = self.tokens(ids) + self.places[:length]
        for layer in self.layers:
            x = layer(x, mask)
        return self.project(self.norm(x[torch.arange(len(ids), device=ids.device), ends]))


class TeacherHead(nn.Module):
    """Carries a teacher's features into the joint space; used while training and then dropped."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features, 768), nn.GELU(), nn.Dropout(0.2), nn.Linear(768, LEARNT)
        )
        self.imitate = nn.Linear(FEATURES, features)
        """The other way: from what the small tower has seen to what the teacher would."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def unit(vectors: Tensor) -> Tensor:
    return functional.normalize(vectors.float(), dim=-1)
