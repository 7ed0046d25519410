"""How long people wait, beside the plainest way to do the same on the same cluster, and what it costs of GitHub."""
