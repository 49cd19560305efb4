"""Training: one readable loop, the recipe's optimizer and schedule, checkpoints."""
