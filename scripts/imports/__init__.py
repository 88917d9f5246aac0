"""Brings the products of a feed into a shop, through its API."""
