"""What faces the internet: the webhook receiver, the status page, and the operators' second port."""
