"""Builds a model: published CLIP weights in, two small fast towers and their manifest out."""
