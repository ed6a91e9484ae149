"""Searches that return full pages of what the caller may read."""
