"""Photos from strangers: read with care, bounded in bytes, pixels and time."""

MAX_PHOTO_BYTES = 20 * 1024 * 1024
