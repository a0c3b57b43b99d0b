import time
from pathlib import Path

import pytest

from mitokeras.data.readers.xml_files import find_xml, read_xml
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write

LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_show_themselves(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes('<?xml version="1.0"?>\n<a name="Müller"/>'.encode(encoding))
    assert read_xml(path).get("name") == "Müller"


@pytest.mark.parametrize("text", ["<a", "<a><b></a>", "", LAUGHS, "{}"])
def test_what_is_refused(write: Write, text: str) -> None:
    with pytest.raises(DataError, match=r"a\.xml: must be an XML file in UTF-8 without DOCTYPE"):
        read_xml(write("a.xml", text))


def test_files_are_told_by_their_root(tmp_path: Path, write: Write) -> None:
    write("1.xml", '<?xml version="1.0"?>\n<!-- <b/> --><a><b/></a>')
    write("sub/2.XML", "<a/>")
    write("3.xml", "<b/>")
    write("4.txt", "<a/>")
    write("5.xml", "broken")
    assert [path.name for path in find_xml(tmp_path, "a")] == ["1.xml", "5.xml", "2.XML"]


def test_telling_takes_no_longer_for_what_never_begins(tmp_path: Path, write: Write) -> None:
    write("1.xml", "<??><!---->" * 20_000)
    start = time.perf_counter()
    find_xml(tmp_path, "a")
    assert time.perf_counter() - start < 2
