"""How MLflow marks the prompts that it keeps among the registered models."""

PROMPT_TAG = "mlflow.prompt.is_prompt"
