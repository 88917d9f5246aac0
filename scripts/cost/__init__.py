"""What a shop pays a month and how big its Qdrant must be, from what it sells and who comes.

Every price is in `prices.toml`, every figure that was measured or assumed in `figures.toml`; both
are to be edited.
"""
