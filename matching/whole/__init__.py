"""Proved over all pairs of a country, whether or not they can be listed."""
