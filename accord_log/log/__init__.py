"""One partition on disk: segments of record batches, their indexes, and what survives a crash."""
