"""What came in: counted, compared, guarded where it is anonymous, and written into files."""
