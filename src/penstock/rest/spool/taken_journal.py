import os
from pathlib import Path

from penstock.errors import SpoolError
from penstock.rest.spool.folder import lock_abandoned
from penstock.rest.spool.survey import Survey


class TakenJournal:
    """A journal as `sync` finds it: locked, unless its process lives or it is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.survey: Survey | None = None
        self.pending = 0
        self.problem = ""
        self.descriptor = lock_abandoned(path)
        try:
            self.survey = Survey(path)
            self.pending = self.survey.count_pending()
        except SpoolError as error:
            self.problem = str(error)

    @property
    def is_in_use(self) -> bool:
        """Tell whether its process lives, which then sends it itself."""
        return self.descriptor is None

    @property
    def is_gone(self) -> bool:
        """Tell whether its process has removed it meanwhile."""
        return self.is_in_use and not self.path.exists()

    def close(self) -> None:
        """End the lock."""
        if self.descriptor is not None:
            os.close(self.descriptor)
