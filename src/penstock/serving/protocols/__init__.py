"""What callers speak: MLflow's calls, the Open Inference Protocol, plain features."""
