"""Pictures of a data set itself, for `harness data show` and `harness data audit`."""
