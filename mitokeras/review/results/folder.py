"""The folder of a reader's corrected results, beside the model's own."""

from __future__ import annotations

from pathlib import Path

from mitokeras.disk.files import atomic_folder, read_json, write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.disk.records import parse
from mitokeras.errors import DataError, MitokerasError
from mitokeras.review.corrected import Corrected
from mitokeras.review.results.geojson import reviewed_geojson
from mitokeras.review.results.page import reviewed_page
from mitokeras.review.results.points import reviewed_points
from mitokeras.review.results.table import reviewed_table
from mitokeras.slides import Slide
from mitokeras.verdicts.journal import WAIT_S
from mitokeras.verdicts.reviewer import results_path

REVIEW_FILE, REPORT_FILE = "review.json", "report.html"
TABLE_FILE, GEOJSON_FILE, POINTS_FILE = "figures.csv", "figures.geojson", "points.json"

FILE_NAMES = (REVIEW_FILE, REPORT_FILE, TABLE_FILE, GEOJSON_FILE, POINTS_FILE)


class ResultsFolder:
    """All results of a review appear at once, in place of those of before.

    Args:
        folder: Of the slide's prediction.
        reviewer: Whose results they are.
    """

    def __init__(self, folder: Path, reviewer: str) -> None:
        self._folder = folder
        self.path = results_path(folder, reviewer)

    def write(self, corrected: Corrected, slide: Slide) -> None:
        """Write all files.

        Args:
            corrected: The counts by the reader.
            slide: What they are about, still open.

        Raises:
            DataError: The slide is damaged where it is read, or the place holds something else.
            OSError: The folder cannot be written, or another program is writing to it.
        """
        contents = {
            REPORT_FILE: reviewed_page(corrected, slide),
            TABLE_FILE: reviewed_table(corrected),
            GEOJSON_FILE: reviewed_geojson(corrected),
            POINTS_FILE: reviewed_points(corrected),
        }
        with sole_writer(self._folder, WAIT_S):
            self._check_ours()
            with atomic_folder(self.path, replace=True) as partial:
                for name, content in contents.items():
                    (partial / name).write_bytes(content)
                write_json(partial / REVIEW_FILE, corrected.to_json(), indent=None)

    def written(self) -> Corrected | None:
        """What was written last; None where there is nothing that can be read."""
        try:
            found: Corrected = parse(Corrected, read_json(self.path / REVIEW_FILE))
        except (MitokerasError, OSError):
            return None
        return found

    def _check_ours(self) -> None:
        if not self.path.exists():
            return
        names = {path.name for path in self.path.iterdir()} if self.path.is_dir() else {""}
        if not names <= set(FILE_NAMES):
            raise DataError(
                f"{self.path}: must hold the results of a review and nothing else. Received: "
                f"{sorted(names - set(FILE_NAMES))[0] or 'a file'}"
            )
