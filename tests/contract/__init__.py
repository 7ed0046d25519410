"""The outside as it is: the API server with our manifests, and the stand-in GitHub with the real client."""
