"""What a model is good at, on what it was not trained on: every row answers a plain question."""
