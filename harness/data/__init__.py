"""Data sets: read from what users have, written to folders, opened memory-mapped."""
