"""Whole processes: the node, central, the broker and the link between them, as people run them."""
