"""A published dataset, taken to a store elsewhere, and compared with what the store then holds."""
