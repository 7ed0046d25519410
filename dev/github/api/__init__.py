"""The REST API: one table of routes, and a function for each."""
