from pathlib import Path

from lolpop.component.data_checker.base_data_checker import BaseDataChecker


class GapsChecker(BaseDataChecker):
    def check_data(self, data, *args, **kwargs):
        gaps = int(data.isna().sum().sum())
        file = Path(self._get_config("folder")) / "gaps.txt"
        file.write_text(f"{gaps} gaps in {len(data)} rows")
        return gaps, str(file), "ERROR" if gaps else "PASS"
