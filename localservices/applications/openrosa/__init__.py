"""Phones fetch forms from this node and send to it: OpenRosa 1.0 over HTTP with Digest."""
