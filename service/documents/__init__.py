"""Orders and their templates: from approved pairs to a .docx that the director signs.

Imports nothing: render and lint run in a child process that has no use for the rest of the slice.
"""
