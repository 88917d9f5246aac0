"""An example: a shop's backend with visual search in it. README.md says how to run it."""
