"""Trains `mini`, the small model that ships; `python -m scripts.mini` says how."""
