"""Search: an index of names and texts, in files that a script in browsers reads."""
