"""The tests: unit (no cluster), contract, stories and e2e (the local world)."""
