"""Quality: predictions, metrics and their intervals."""
