"""Deliberate bugs that the simulator must catch."""
