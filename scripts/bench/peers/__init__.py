"""The software people would pick instead of Likeness, each in an environment of its own, on the
same weights and behind the same protocol."""
