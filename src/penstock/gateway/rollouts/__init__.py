"""The gateway's side of rollouts: compare-and-set, history, and the tags in MLflow."""
