"""Promises that users can rely on, one folder a floor, and five kinds that cross them."""
