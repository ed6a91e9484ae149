from pathlib import Path

from lolpop.component.data_profiler.base_data_profiler import BaseDataProfiler


class NumbersProfiler(BaseDataProfiler):
    def profile_data(self, data, *args, **kwargs):
        return self._write(data.describe(), "numbers.json")

    def compare_data(self, data, prev_data, *args, **kwargs):
        numbers = data.select_dtypes("number").mean()
        return self._write(numbers - prev_data.mean(numeric_only=True), "drift.json")

    def _write(self, table, name):
        file = Path(self._get_config("folder")) / name
        file.write_text(table.to_json())
        return table, str(file)
