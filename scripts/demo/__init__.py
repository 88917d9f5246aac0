"""The demo shop: an invented catalogue and a renderer that takes its product photos."""
