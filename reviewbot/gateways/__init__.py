"""The only importers of PyGithub and of the Kubernetes client; they sort every failure into our three kinds."""
