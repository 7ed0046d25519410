"""The real processes on the local world, as a newcomer starts them."""
