"""What keeps the bot going: the records in the cluster, the queue, the watches, the workers, the lease."""
