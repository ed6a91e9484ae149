from lolpop.component.feature_transformer.base_feature_transformer import BaseFeatureTransformer
from sklearn.preprocessing import StandardScaler


class ScalesTransformer(BaseFeatureTransformer):
    def fit(self, data, labels=None, *args, **kwargs):
        scaler = StandardScaler(with_mean=self._get_config("with_mean"))
        self.transformer = scaler.set_output(transform="pandas").fit(data)
        return self.transformer

    def transform(self, data, *args, **kwargs):
        return self.transformer.transform(data)
