"""Torchvision's weights from a server on this machine that stands for theirs."""

import socket
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.disk.files import sha256_of
from mitokeras.errors import ModelError
from mitokeras.models.classifiers import CLASSIFIERS, build_classifier
from mitokeras.models.torchvision import RESNET18, RESNET34, cache_folder, imagenet_file
from tests.models.test_weights import torch_forward, torch_resnet
from tests.runs import call
from tests.torch_files import write_archive

BLOCKS = (1, 2, 1, 1)
TENSORS = torch_resnet(BLOCKS, 8)


@pytest.fixture
def hosted(tmp_path: Path) -> Path:
    """A narrow ResNet under the name that torchvision would give it."""
    folder = tmp_path / "hosted"
    folder.mkdir()
    path = write_archive(folder / "resnet.pth", TENSORS)
    return path.rename(folder / f"resnet18-{sha256_of(path)[:8]}.pth")


@pytest.fixture
def server(hosted: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=hosted.parent)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(
            "mitokeras.models.torchvision.URL", f"http://127.0.0.1:{server.server_port}/"
        )
        yield server
        server.shutdown()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    monkeypatch.setattr("mitokeras.models.torchvision.URL", url)
    return url


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / "models"
    return cache_folder()


def test_fetched_once_they_give_torchs_features(
    hosted: Path, server: ThreadingHTTPServer, cache: Path
) -> None:
    model = build_classifier(
        "resnet18", input_px=64, weights="imagenet", width=8, blocks=BLOCKS, imagenet=hosted.name
    )
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype("float32")
    features = keras.Model(model.input, model.get_layer("layer4_0_relu2").output)(image[None])
    expected = torch_forward(TENSORS, BLOCKS, image).transpose(1, 2, 0)
    np.testing.assert_allclose(features[0], expected, rtol=1e-3, atol=1e-3 * expected.max())
    assert [path.name for path in cache.iterdir()] == [hosted.name]
    hosted.unlink()
    assert imagenet_file(hosted.name) == cache / hosted.name


def test_without_a_network_the_file_is_named(offline: str, cache: Path) -> None:
    with pytest.raises(ModelError) as raised:
        build_classifier("resnet34", weights="imagenet")
    message = str(raised.value)
    assert message.startswith(f"{cache / RESNET34}: these ImageNet weights must be downloaded")
    assert f"{offline}{RESNET34}, whose SHA-256 begins with b627a593" in message
    assert "\n" not in message
    assert not list(cache.iterdir())


def test_fit_stops_before_any_work(offline: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    done = call("fit", "--preset", "paper", "--out", run)
    assert done.exit_code == 1
    assert f"{RESNET34}: these ImageNet weights must be downloaded" in done.stderr
    assert not run.exists()


def test_a_damaged_file_is_refused(hosted: Path, server: ThreadingHTTPServer, cache: Path) -> None:
    whole = hosted.read_bytes()
    hosted.write_bytes(whole[:-1])
    with pytest.raises(ModelError, match="the download's SHA-256 must begin with"):
        imagenet_file(hosted.name)
    assert not list(cache.iterdir())
    (cache / hosted.name).write_bytes(whole[:-1])
    with pytest.raises(ModelError, match=f"{hosted.name}: its SHA-256 must begin .*; delete it"):
        imagenet_file(hosted.name)
    # What a killed download has left is no file, and a file put there by hand is one.
    (cache / hosted.name).unlink()
    (cache / f".{hosted.stem}.partial.pth").write_bytes(whole[:10])
    hosted.write_bytes(whole)
    assert imagenet_file(hosted.name).read_bytes() == whole
    assert len(list(cache.iterdir())) == 1


def test_the_names_say_their_hashes() -> None:
    assert (RESNET18, RESNET34) == ("resnet18-f37072fd.pth", "resnet34-b627a593.pth")
    assert [CLASSIFIERS[f"resnet{n}"].imagenet for n in (18, 34)] == [RESNET18, RESNET34]


def test_a_file_of_torchs_can_be_given(hosted: Path) -> None:
    model = build_classifier("resnet18", input_px=32, weights=hosted, width=8, blocks=BLOCKS)
    kernel = model.get_layer("layer2_1_conv2").kernel.numpy()
    np.testing.assert_array_equal(kernel.transpose(3, 2, 0, 1), TENSORS["layer2.1.conv2.weight"])
