"""Faults and attacks from outside, against real processes and the real cluster."""
