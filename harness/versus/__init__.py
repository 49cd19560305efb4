"""Two sets of results, one against the other: what got better or worse, and gates over it."""
