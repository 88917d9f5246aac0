"""Where the peers' environments are, and where what was made for them lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
MODEL = "clip-vit-b-32"
"""The shape that is measured, and the name that ours is served by."""


@dataclass(frozen=True)
class Places:
    environments: Path
    made: Path

    def environment(self, peer: str) -> Path:
        return self.environments / peer

    def python(self, peer: str) -> Path:
        return self.environment(peer) / "bin" / "python"

    def source(self, shape: str) -> Path:
        """Random weights of this shape, in the published layout."""
        return self.made / "sources" / shape

    @property
    def models(self) -> Path:
        """MODEL_DIR of ours, made of the same weights."""
        return self.made / "models"

    @property
    def exported(self) -> Path:
        """The weights as ONNX in fp32, in the folders that fastembed looks for."""
        return self.made / "fastembed"

    @property
    def quantised(self) -> Path:
        """The same export after onnxruntime's own quantisation."""
        return self.made / "naive"


HERE = Places(ROOT / ".venv" / "peers", ROOT / "data" / "bench" / "peers")
