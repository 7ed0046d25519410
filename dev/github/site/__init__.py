"""What people and shells use beside the API: pages to look at, and a way to act from another process."""
