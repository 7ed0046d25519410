"""Faults from outside: what is done to reviewbot while it works, and what must be so afterwards."""
