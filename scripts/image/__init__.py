"""The container image: what goes into it, whether it works, and what it weighs."""
