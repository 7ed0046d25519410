"""Whole lives of pull requests, over HTTP against the stand-in and on the real cluster."""
