"""Values in, Kubernetes objects out, as plain data. Nothing here reads a clock, a file or a network."""
