"""The plots of a report, drawn from records with matplotlib's Agg and no global state."""
