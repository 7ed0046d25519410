"""No cluster, no network, no clock: tables, snapshots and small machines in memory."""
