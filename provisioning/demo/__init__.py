"""Everything on one machine: an authority, a broker, central, a node, and a link to cut."""
