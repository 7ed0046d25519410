"""How long people wait, measured beside the plainest way to do the same on the same cluster."""
