from pathlib import Path

from lolpop.component.model_visualizer.base_model_visualizer import BaseModelVisualizer


class BarsVisualizer(BaseModelVisualizer):
    def generate_viz(self, data, model, model_version, *args, **kwargs):
        file = Path(self._get_config("folder")) / "bars.txt"
        bars = ("#" * int(10 * abs(weight)) for weight in model.coef_[0])
        file.write_text("\n".join(bars))
        self.metadata_tracker.log_artifact(model_version, "bars", str(file), external=False)
