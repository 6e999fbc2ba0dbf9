"""When an article changes or goes: what was published of it, and what is left."""
