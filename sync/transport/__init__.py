"""How it goes: the roads between a node and central."""
