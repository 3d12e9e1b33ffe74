"""What central keeps: the append-only log, and projections that are rebuilt from it."""
