"""Central, the other end."""
