"""The staff's first page: where the month stands and what to do next."""
