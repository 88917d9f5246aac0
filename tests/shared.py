"""Material that nobody here made, beside the checkout on some machines and absent on others."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def needs(*parts: str) -> pytest.MarkDecorator:
    """Skips where a part of the material is absent, and says which."""
    absent = [str(SHARED / part) for part in parts if not (SHARED / part).exists()]
    return pytest.mark.skipif(bool(absent), reason=f"there is no {', '.join(absent)}")
