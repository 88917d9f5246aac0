"""The catalogue as a page to look at."""
