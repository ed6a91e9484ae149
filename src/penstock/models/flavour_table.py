"""The flavours that MLflow knows. Pure."""

from typing import Final

from penstock.models.flavour import Flavour

PYFUNC: Final = Flavour("pyfunc", "mlflow", ("mlflow",), key="python_function")
"""Any Python code: a class, a function or a script."""

FLAVOURS: Final = (
    PYFUNC,
    Flavour("catboost", "catboost", ("catboost",)),
    Flavour("diffusers", "diffusers", ("diffusers",)),
    Flavour("dspy", "dspy", ("dspy",)),
    Flavour("h2o", "h2o", ("h2o",)),
    Flavour("johnsnowlabs", "johnsnowlabs", ("johnsnowlabs", "nlu", "sparknlp")),
    Flavour("keras", "keras", ("keras",)),
    Flavour(
        "langchain", "langchain", ("langchain", "langchain_core", "langchain_classic", "langgraph")
    ),
    Flavour("lightgbm", "lightgbm", ("lightgbm",)),
    Flavour("llama_index", "llama-index", ("llama_index",)),
    Flavour("onnx", "onnx onnxruntime", ("onnx",)),
    Flavour("openai", "openai", ("openai",)),
    Flavour("paddle", "paddlepaddle", ("paddle",)),
    Flavour("pmdarima", "pmdarima", ("pmdarima",)),
    Flavour("prophet", "prophet", ("prophet",)),
    Flavour("pytorch", "torch", ("torch",)),
    Flavour("sentence_transformers", "sentence-transformers", ("sentence_transformers",)),
    Flavour("sklearn", "scikit-learn", ("sklearn",)),
    Flavour("spacy", "spacy", ("spacy",)),
    Flavour("spark", "pyspark", ("pyspark",)),
    Flavour("statsmodels", "statsmodels", ("statsmodels",)),
    Flavour("tensorflow", "tensorflow", ("tensorflow", "tf_keras")),
    Flavour("transformers", "transformers", ("transformers",)),
    Flavour("xgboost", "xgboost", ("xgboost",)),
)
