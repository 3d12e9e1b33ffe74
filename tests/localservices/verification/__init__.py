"""Judging documents."""
