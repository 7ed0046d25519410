"""What can happen in this world: each change to the state together with the events it causes."""
