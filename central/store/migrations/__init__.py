"""Numbered steps from an empty database to today's; forward only, never edited once released."""
