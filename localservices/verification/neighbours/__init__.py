"""Verifiers of neighbour countries ask this machine to judge documents, each by its own key."""
