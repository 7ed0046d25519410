"""What serves the development of reviewbot: a local cluster, a stand-in GitHub and a demo. Never shipped."""
