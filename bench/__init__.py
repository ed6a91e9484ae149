"""Measurements against the real peers, interleaved in one run."""
