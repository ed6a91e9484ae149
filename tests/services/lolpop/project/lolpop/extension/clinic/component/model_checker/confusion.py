from pathlib import Path

from lolpop.component.model_checker.base_model_checker import BaseModelChecker


class ConfusionChecker(BaseModelChecker):
    def check_model(self, data, model, *args, **kwargs):
        wrong = int((model.transform_and_predict(data)["test"] != data["y_test"].values).sum())
        return wrong, self._write("confusion.txt", f"{wrong} wrong"), "PASS"

    def calculate_model_drift(self, data, model, deployed_model, *args, **kwargs):
        ours, theirs = (
            each.transform_and_predict(data)["test"] for each in (model, deployed_model)
        )
        differing = int((ours != theirs).sum())
        return differing, self._write("model_drift.txt", f"{differing} answers differ")

    def _write(self, name, text):
        file = Path(self._get_config("folder")) / name
        file.write_text(text)
        return str(file)
