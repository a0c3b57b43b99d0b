"""What reading files from outside never does: unpickle, open a connection, start a program."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from tests.runs import PROGRAM, ROOT
from tests.slides import write_aperio

FORBIDDEN = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "urllib.",
             "pickle.find_class", "subprocess.", "os.system", "os.exec", "os.posix_spawn",
             "os.startfile")  # fmt: skip
AUDIT = f"""
import os, sys
def audit(event, arguments):
    if event.startswith({FORBIDDEN!r}):
        os.write(2, f"forbidden: {{event}} {{arguments}}".encode())
        os._exit(99)
    if event == "open" and isinstance(arguments[0], str) and "inputs" in arguments[0]:
        if (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            os.write(2, f"written: {{arguments}}".encode())
            os._exit(98)
sys.addaudithook(audit)
"""


def watched(*arguments: object) -> subprocess.CompletedProcess:
    """Run `mitokeras` where Python reports what a file could do through it."""
    return subprocess.run(
        [sys.executable, "-c", AUDIT + PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_hook_sees(tmp_path: Path) -> None:
    for code in ("import socket; socket.create_connection(('127.0.0.1', 9))",
                 "import pickle, pathlib; pickle.loads(pickle.dumps(pathlib.PurePath))",
                 "import subprocess, sys; subprocess.run([sys.executable])"):  # fmt: skip
        done = subprocess.run([sys.executable, "-c", AUDIT + code], capture_output=True, text=True)
        assert (done.returncode, done.stderr[:10]) == (99, "forbidden:")
    (tmp_path / "inputs").mkdir()
    code = "open(sys.argv[1], 'w')"
    done = subprocess.run([sys.executable, "-c", AUDIT + code, str(tmp_path / "inputs" / "a")])
    assert done.returncode == 98


def test_predict_and_watch(finished_run: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    scans = tmp_path / "inputs"
    scans.mkdir()
    tissue = cv2.imread(str(min((finished_run / "synthetic" / "images").glob("*.png"))))
    write_aperio(scans / "a.svs", np.tile(tissue[..., ::-1], (4, 4, 1)))
    (scans / "b.svs").write_bytes(b"II*\0 damaged")
    done = watched("predict", scans, "--model", tflite_bundle, "--out", tmp_path / "out")
    assert done.returncode == 1, done.stderr
    assert "b.svs" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "out" / "a.svs" / "report.html").is_file(), done.stderr
    model = ("--model", tflite_bundle, "--out", tmp_path / "watched", "--settle-s", 0)
    done = watched("watch", scans, *model, "--patience-s", 0, "--once")
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "watched" / "a.svs" / "report.html").is_file(), done.stderr


def test_data_and_evaluate(tflite_bundle: Path, finished_run: Path) -> None:
    data = finished_run / "synthetic"
    for arguments in (("data", "inspect", data), ("evaluate", data, "--model", tflite_bundle)):
        done = watched(*arguments)
        assert done.returncode == 0, done.stderr


UNSAFE = re.compile(
    r"^\s*(import|from) (pickle|cPickle|dill|joblib|shelve|marshal|torch)\b"
    r"|\bnp\.load\((?![^)]*allow_pickle=False)|allow_pickle=True"
    r"|\bload_model\(path(?![^)]*safe_mode=True)(?=, compile)|safe_mode=False"
    r"|enable_unsafe_deserialization|\beval\(|\bexec\(|yaml\.load\(",
    re.MULTILINE,
)


TENSORS_ONLY = ROOT / "mitokeras" / "models" / "torch_file.py"
"""Unpickles, and admits nothing but tensors: tests/models/test_torch_file.py."""


def test_nothing_loads_unsafely() -> None:
    sources = [
        path for part in ("mitokeras", "cli", "export") for path in (ROOT / part).rglob("*.py")
    ]
    assert len(sources) > 100
    unsafe = [path for path in sources if UNSAFE.search(path.read_text("utf-8"))]
    assert unsafe == [TENSORS_ONLY]


def test_what_loads_unsafely_is_seen() -> None:
    for line in ("import pickle", "np.load(file)", "np.load(f, allow_pickle=True)", "eval(text)",
                 "x = keras.saving.load_model(path, compile=False)"):  # fmt: skip
        assert UNSAFE.search(line), line
    assert not UNSAFE.search("np.load(\n    file, allow_pickle=False) as saved")
