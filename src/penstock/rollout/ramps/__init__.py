"""Ramps: a run gets its traffic step by step, and loses it when a guard breaks."""
