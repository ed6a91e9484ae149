"""The inference server: requests go to the live runs of a rollout, by their fractions."""
