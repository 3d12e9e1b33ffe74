"""The node's side of the catalogue: fetched over any road, believed by its own signatures alone."""
