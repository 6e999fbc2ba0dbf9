"""What serves a published dataset over HTTP."""
