"""Central's words to this node: decisions and messages, as people read them."""
