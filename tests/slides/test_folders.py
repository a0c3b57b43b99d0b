from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.slides.folders import slides_below
from mitokeras.slides.inputs import find_inputs
from mitokeras.watch.inbox import Inbox
from mitokeras.watch.notices import Notices

SLIDES = ["a.svs", "case 1/b #2.ome.TIF", "case 1/c März '24/c.jpg", "d.mrxs"]
OTHERS = [
    *("._a.svs", ".d.svs.Xy12.svs", "~$a.svs"),
    *("f.svs.part", "f.svs.crdownload", "g.svs.tmp", "h.svs~", "notes.txt", "case 1/Thumbs.db"),
    *(".cache/e.png", "~tmp/e.png", "$RECYCLE.BIN/old.svs"),
    *("case 1/@eaDir/b.TIF/SYNOPHOTO_THUMB_M.jpg", "d/preview.jpg", "d/Data0000.dat"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (*SLIDES, *OTHERS, "out/a.svs/overlay.png"):
        path = tmp_path / "scans" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "scans"


def test_predict_and_watch_take_the_same_files(folder: Path) -> None:
    out = folder / "out"
    assert slides_below(folder, out) == [folder / name for name in SLIDES]
    assert [each.name for each in find_inputs([folder], out)] == SLIDES
    inbox = Inbox(folder, out, Notices(folder, out, lambda: None))
    sights = inbox.look()
    inbox.close()
    assert [sight.name for sight in sights or ()] == SLIDES


def test_a_folder_is_passed_over_however_it_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "case 1")
    found = slides_below(Path(".."), folder / "case 1" / ".." / "out")
    assert found == [Path("..") / name for name in SLIDES]
    assert len(slides_below(folder, folder.parent / "elsewhere")) == len(SLIDES) + 1
    assert slides_below(folder / "out", folder) == [folder / "out" / "a.svs" / "overlay.png"]


def test_links_out_of_the_folder_are_told(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "store").mkdir()
    (folder / "inside").symlink_to(folder / "case 1")
    (folder / "also a.svs").symlink_to(folder / "a.svs")
    assert [each.name for each in find_inputs([folder], folder / "out")] == SLIDES
    (folder / "elsewhere").symlink_to(tmp_path / "store")
    with pytest.raises(DataError, match=r"scans/elsewhere: a link to a folder is not followed"):
        find_inputs([folder], folder / "out")
    (folder / "elsewhere").unlink()
    (folder / "elsewhere").symlink_to(tmp_path / "not mounted")
    with pytest.raises(DataError, match=r"scans/elsewhere: a link must lead somewhere"):
        find_inputs([folder], folder / "out")
    inbox = Inbox(folder, folder / "out", Notices(folder, folder / "out", lambda: None))
    assert [len(inbox.look() or ()) for _ in range(2)] == [len(SLIDES) + 1] * 2
    inbox.close()
    assert caplog.text.count("elsewhere: a link must lead somewhere") == 1
