"""reviewbot: a running copy of the app for every pull request, on the team's own Kubernetes."""
