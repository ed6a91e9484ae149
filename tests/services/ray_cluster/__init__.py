"""A package, for pytest: its cluster lives as long as its tests."""
