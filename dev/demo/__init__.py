"""The demo: one pull request's life with the real processes, told as a team would see it."""
