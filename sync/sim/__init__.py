"""Many nodes and one central under faults, in one process and virtual time."""
