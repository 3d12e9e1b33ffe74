"""Registering the households that come to the centre, and finding them again."""
