"""Tests of sync.merge."""
