"""What keeps the bot going: the records in the cluster, the queue, the workers, the lease."""
