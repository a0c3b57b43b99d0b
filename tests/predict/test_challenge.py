import json
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.predict.challenge import IMAGE_FOLDER, INPUTS_FILE, job_image


def lay_out(job: Path, *names: str, folder: str = IMAGE_FOLDER) -> Path:
    (job / folder).mkdir(parents=True)
    for name in names:
        (job / folder / name).touch()
    return job


def name_inputs(job: Path, *entries: tuple[str, str]) -> None:
    """What the platform writes, with keys that nobody reads."""
    inputs = [
        {
            "file": None,
            "image": {"name": "007.tiff"},
            "value": None,
            "interface": {"slug": "a", "kind": kind, "relative_path": path, "example_value": None},
        }
        for kind, path in entries
    ]
    (job / INPUTS_FILE).write_text(json.dumps(inputs))


@pytest.mark.parametrize("name", ["007.tiff", "7.tif", "1.MHA"])
def test_the_folder_of_midog(tmp_path: Path, name: str) -> None:
    job = lay_out(tmp_path, name, "expected_output.json")
    assert job_image(job) == job / "images" / "histopathology-roi-cropout" / name


def test_the_folder_that_the_platform_names(tmp_path: Path) -> None:
    job = lay_out(tmp_path, "a.mha", folder="images/elsewhere")
    name_inputs(job, ("String", "age.json"), ("Image", "images/elsewhere"))
    assert job_image(job) == job / "images" / "elsewhere" / "a.mha"


@pytest.mark.parametrize("names", [(), ("a.png",), ("a.tif", "b.mha")])
def test_a_job_has_one_image(tmp_path: Path, names: tuple[str, ...]) -> None:
    job = lay_out(tmp_path, *names)
    with pytest.raises(DataError, match="must have one image"):
        job_image(job)


def test_no_job(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"roi-cropout: the folder of the job's image must be"):
        job_image(tmp_path)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((), "must name one image. Received: 0"),
        ((("Image", "a"), ("Image", "b")), "must name one image. Received: 2"),
        ((("Image", "../a"),), "must lie below the job"),
        ((("Image", "/etc"),), "must lie below the job"),
    ],
)
def test_strange_inputs(tmp_path: Path, entries: tuple[tuple[str, str], ...], message: str) -> None:
    job = lay_out(tmp_path, "a.tif")
    name_inputs(job, *entries)
    with pytest.raises(DataError, match=rf"inputs\.json: .*{message}"):
        job_image(job)


def test_inputs_that_are_no_list(tmp_path: Path) -> None:
    job = lay_out(tmp_path, "a.tif")
    (job / INPUTS_FILE).write_text('{"a": 1}')
    with pytest.raises(DataError, match=r"inputs\.json: not as grand-challenge\.org writes it"):
        job_image(job)
