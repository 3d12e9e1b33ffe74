"""How it goes."""
