from lolpop.component.model_explainer.base_model_explainer import BaseModelExplainer


class CoefficientsExplainer(BaseModelExplainer):
    def get_feature_importance(self, data, model, model_version, *args, **kwargs):
        weights = dict(zip(data["X_train"].columns, model.model.coef_[0], strict=True))
        self.metadata_tracker.log_metadata(model_version, "feature_importance", weights)
