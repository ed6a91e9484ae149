from lolpop.component.model_bias_checker.base_model_bias_checker import BaseModelBiasChecker


class RatesChecker(BaseModelBiasChecker):
    def check_model_bias(self, data, model, *args, **kwargs):
        return {"share_of_positives": float(model.transform_and_predict(data)["test"].mean())}
