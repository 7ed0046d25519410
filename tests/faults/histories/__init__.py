"""Random histories of a repository: what people, CI and administrators do, under webhooks that come as they like."""
