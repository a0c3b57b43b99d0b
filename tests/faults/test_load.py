"""Many small fields at once: memory, open files and threads stay flat, and the counts are exact."""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.faults.kills import TIMEOUT_S, begin

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

FIELD_PX = 256
MOST_GROWTH_MIB = 12
MOST_GROWTH = 3
"""Of open files and threads, which come and go with each field; a leak of one a field is 32."""

numbers_of_fields = pytest.mark.parametrize(
    "fields",
    [
        pytest.param(40, marks=pytest.mark.slow, id="some"),
        pytest.param(500, marks=pytest.mark.soak, id="many"),
    ],
)


def write_fields(tissue: np.ndarray, folder: Path, fields: int) -> list[str]:
    """Fields that differ; their names."""
    folder.mkdir()
    for number in range(fields):
        field = np.roll(tissue, (7 * number, 3 * number), axis=(0, 1))[:FIELD_PX, :FIELD_PX]
        cv2.imwrite(str(folder / f"{number:04d}.png"), field[..., ::-1])
    return sorted(os.listdir(folder))


def load(trial: Path, command: tuple[object, ...], fields: int) -> tuple[str, dict[str, float]]:
    """Run a command that fills `trial/out`, and look at it while it does.

    Returns:
        What it said; and how far its memory (MiB), open files and threads grew from the first to
        the last fifth of the fields (the beginning of the first left out).
    """
    started = time.monotonic()
    process = begin(trial, command, 0)
    seen: list[tuple[int, float, int, int]] = []
    try:
        while process.poll() is None:
            assert time.monotonic() < started + TIMEOUT_S
            seen.append((_done(trial / "out"), *_held(process.pid)))
            time.sleep(0.03)
    finally:
        process.kill()
        process.wait()
    said = (trial / "000.log").read_text()
    assert process.returncode == 0, said
    fifth = fields // 5
    first = [held for done, *held in seen if fifth // 4 < done <= fifth]
    last = [held for done, *held in seen if fields - fifth < done < fields]
    names = ("memory_mib", "files", "threads")
    middles = [
        [statistics.median(column) for column in zip(*part, strict=True)] for part in (first, last)
    ]
    (trial / "held.json").write_text(
        json.dumps({"seconds": time.monotonic() - started, "first": middles[0], "last": middles[1]})
    )
    return said, {n: b - a for n, a, b in zip(names, *middles, strict=True)}


def _done(out: Path) -> int:
    if not out.is_dir():
        return 0
    return sum(name.endswith(".png") and name[0] != "." for name in os.listdir(out))


def _held(pid: int) -> tuple[float, int, int]:
    """Memory in MiB, open files, threads; zeros when the process has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        files = len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0.0, 0, 0
    values = dict(line.split(":", 1) for line in status.splitlines())
    return int(values.get("VmRSS", "0 kB").split()[0]) / 1024, files, int(values["Threads"])


def check(growth: dict[str, float], out: Path, names: list[str]) -> None:
    assert growth["memory_mib"] < MOST_GROWTH_MIB, growth
    assert max(growth["files"], growth["threads"]) <= MOST_GROWTH, growth
    shown = [path.name for path in out.iterdir() if path.name[0] != "."]
    assert sorted(shown) == sorted([*names, "index.html", "summary.csv"])
    for name in names:
        if name == "watch.json":
            continue
        kept = json.loads((out / name / "prediction.json").read_text("utf-8"))["prediction"]
        assert kept["image"]["name"] == name
        with (out / name / "detections.csv").open(encoding="utf-8") as table:
            assert sum(1 for _ in table) == 1 + len(kept["detections"])


@numbers_of_fields
def test_predict(tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path, fields: int) -> None:
    names = write_fields(tissue, tmp_path / "fields", fields)
    model = ("--model", tflite_bundle, "--threads", 1, "--out", tmp_path / "trial" / "out")
    (tmp_path / "trial").mkdir()
    command = ("predict", tmp_path / "fields", *model, "--spacing-um-px", 0.25)
    said, growth = load(tmp_path / "trial", command, fields)
    assert [line.split(":")[0] for line in said.splitlines()] == names
    check(growth, tmp_path / "trial" / "out", names)


@numbers_of_fields
def test_watch(tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path, fields: int) -> None:
    names = write_fields(tissue, tmp_path / "fields", fields)
    model = ("--model", tflite_bundle, "--threads", 1, "--out", tmp_path / "trial" / "out")
    (tmp_path / "trial").mkdir()
    command = (
        "watch", tmp_path / "fields", *model,
        "--spacing-um-px", 0.25, "--settle-s", 0, "--once",
    )  # fmt: skip
    said, growth = load(tmp_path / "trial", command, fields)
    done = [line.split(" done ")[1].split(":")[0] for line in said.splitlines() if " done " in line]
    assert sorted(done) == names
    check(growth, tmp_path / "trial" / "out", sorted([*names, "watch.json"]))
    state = json.loads((tmp_path / "trial" / "out" / "watch.json").read_text("utf-8"))
    assert sorted(state["slides"]) == names
    assert {entry["status"] for entry in state["slides"].values()} == {"done"}
