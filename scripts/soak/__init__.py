"""A long run beside which nothing may grow."""
