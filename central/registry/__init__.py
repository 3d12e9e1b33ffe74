"""Registries of documents: built here from a list of them, and kept up to date by what changed."""
