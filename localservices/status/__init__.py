"""What staff must know of the node at a glance: link, lanes, host."""
