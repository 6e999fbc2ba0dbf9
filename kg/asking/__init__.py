"""Asking what was published: SPARQL read, widened and answered, each row with its sentences."""
