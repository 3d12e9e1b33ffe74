"""Judging documents with no link: one verdict, one shape, in words."""
