"""Carrying what other nodes hand over: the door on the local network. It reads none of it."""
