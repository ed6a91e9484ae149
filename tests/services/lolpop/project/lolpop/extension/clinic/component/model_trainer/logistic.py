from lolpop.component.model_trainer.base_model_trainer import BaseModelTrainer
from sklearn.linear_model import LogisticRegression


class LogisticTrainer(BaseModelTrainer):
    mlflow_module = "sklearn"

    def fit(self, data, *args, **kwargs):
        self.model = LogisticRegression(C=float(self.params["C"]), max_iter=500)
        return self.model.fit(data["X_train"], data["y_train"])

    def predict(self, data, *args, **kwargs):
        found = {}
        for split in ("train", "valid", "test"):
            if f"X_{split}" in data:
                found[split] = self.model.predict(data[f"X_{split}"])
                found[f"{split}_proba"] = self.model.predict_proba(data[f"X_{split}"])[:, 1]
        return found

    def predict_df(self, df, *args, **kwargs):
        return self.model.predict(df)

    def predict_proba_df(self, df, *args, **kwargs):
        return list(self.model.predict_proba(df)[:, 1])
