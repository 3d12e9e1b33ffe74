"""Measures of this machine; each beside a baseline that was taken in the same run."""
