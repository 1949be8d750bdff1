"""A solved problem kept solved while it changes, in time that depends on the change."""
