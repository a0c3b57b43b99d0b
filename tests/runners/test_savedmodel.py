from pathlib import Path

import pytest

from mitokeras.errors import ModelError
from mitokeras.runners.loading import load_runner
from mitokeras.runners.savedmodel import GRAPH_FILE


def test_only_the_graph_that_was_hashed_is_loaded(tmp_path: Path) -> None:
    for name in (GRAPH_FILE, "other.pb"):
        (tmp_path / name).write_bytes(b"graph")
    with pytest.raises(ModelError, match=r"other\.pb: must be saved_model\.pb"):
        load_runner(tmp_path / "other.pb", "segmenter", 32)
    with pytest.raises(ModelError, match="not a SavedModel of mitokeras"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)
    (tmp_path / "variables").mkdir()
    with pytest.raises(ModelError, match="not a SavedModel of mitokeras"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)
    (tmp_path / "variables" / "variables.index").write_bytes(b"weights")
    with pytest.raises(ModelError, match="variables: must be empty"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)
    (tmp_path / "variables" / "variables.index").unlink()
    (tmp_path / "saved_model.cpb").write_bytes(b"graph")
    with pytest.raises(ModelError, match=r"with no \.cpb beside it"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)
