"""One process that keeps one service running: starts it, asks it, starts it again, ends it."""
