"""Central's side of the catalogue: published by an authority's key, handed out in pieces."""
