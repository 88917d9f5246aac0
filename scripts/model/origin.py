"""Where a model's source folders come from: a folder of one's own, or the hub by a known name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.model.config import CONFIG, read_json
from scripts.model.fetch import Fetched, fetch

_GOES_WITH = "clip-vit-b-32"
"""Whose image tower the multilingual text towers were trained for."""


@dataclass(frozen=True)
class Origin:
    folder: Path
    text: Path | None = None
    told: str = ""
    licence: str = ""


def published(name: str, downloads: Path) -> Origin:
    """What is published under this name, fetched into `downloads` unless it is there already."""
    image = fetch(name, downloads / name)
    if read_json(image.folder / CONFIG).get("model_type") == "clip":
        return Origin(image.folder, None, _told(image), image.licence or "")
    text, image = image, fetch(_GOES_WITH, downloads / _GOES_WITH)
    licences = dict.fromkeys(fetched.licence or "unknown" for fetched in (image, text))
    return Origin(
        image.folder, text.folder, f"{_told(image)}; text: {_told(text)}", ", ".join(licences)
    )


def _told(fetched: Fetched) -> str:
    trust = f", without checksums for {', '.join(fetched.unpinned)}" if fetched.unpinned else ""
    return f"{fetched.repo} at {fetched.revision}{trust}"
