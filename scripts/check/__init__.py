"""The gate: what `make check` looks at besides running the tests."""
