"""Trains `mini`, the small model that ships; `python -m scripts.mini` says how."""

# Before anything else imports onnxruntime, so that it keeps to itself in every step.
import core.clip.runtime  # noqa: F401
