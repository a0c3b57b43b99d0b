"""KongNet for `peers.py`: the network that won MIDOG 2025, as tiatoolbox has it.

Architecture, patches, stride and post-processing are those that tiatoolbox states for
`KongNet_Det_MIDOG_1`: one head of one channel, 512 px patches every 492 px at 0.5 um/px, peaks of
at least 0.99 that are more than 21 px apart. Batches are of 8 patches, tiatoolbox's default.

The weights are random. The batch statistics are those of one patch, as otherwise the signal would
grow from layer to layer, and half the pixels would be peaks. Timed are preparing the patches, the
network, merging its maps and post-processing; not timed is what tiatoolbox does beside: reading a
slide, a tissue mask, intermediate files. The challenge's own inference averages four rotations,
which would take four times as long.

    python peer_kongnet.py FIELD.npy THREADS
"""

from __future__ import annotations

import sys
from importlib.resources import files

import cv2
import numpy as np
import tiatoolbox
import timm
import torch
import yaml
from peer_answers import answer
from tiatoolbox.models.architecture.kongnet import KongNet
from tiatoolbox.tools.patchextraction import PatchExtractor

MODEL = "KongNet_Det_MIDOG_1"
FIELD_UM_PX = 0.25
BATCH = 8


class Detector:
    """The network on the patches of one field.

    Args:
        field: RGB, uint8, shape (height, width, 3), at `FIELD_UM_PX`.
    """

    def __init__(self, field: np.ndarray) -> None:
        stated = yaml.safe_load((files("tiatoolbox") / "data/pretrained_model.yaml").read_text())
        io = stated[MODEL]["ioconfig"]["kwargs"]
        factor = FIELD_UM_PX / io["input_resolutions"][0]["resolution"]
        image = cv2.resize(field, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        self._shape = image.shape[:2]
        self._boxes = PatchExtractor.get_coordinates(
            image_shape=self._shape[::-1],
            patch_input_shape=io["patch_input_shape"],
            stride_shape=io["stride_shape"],
        )
        right, bottom = self._boxes[:, 2:].max(axis=0)
        margin = ((0, bottom - self._shape[0]), (0, right - self._shape[1]), (0, 0))
        self._image = np.pad(image, margin, mode="reflect")
        torch.manual_seed(0)
        self._network = KongNet(**stated[MODEL]["architecture"]["kwargs"])
        self._take_batch_statistics(self._patches(self._boxes[:1]))

    def find(self) -> int:
        """The number of its peaks."""
        total = np.zeros((*self._image.shape[:2], 1), np.float32)
        count = np.zeros_like(total)
        for start in range(0, len(self._boxes), BATCH):
            boxes = self._boxes[start : start + BATCH]
            maps = KongNet.infer_batch(self._network, self._patches(boxes), device="cpu")
            for (x0, y0, x1, y1), probability in zip(boxes, maps, strict=True):
                total[y0:y1, x0:x1] += probability
                count[y0:y1, x0:x1] += 1
        height, width = self._shape
        peaks = self._network.postproc((total / count)[:height, :width])
        return np.count_nonzero(peaks)

    def _patches(self, boxes: np.ndarray) -> torch.Tensor:
        """Prepared patches at boxes (x0, y0, x1, y1): float32, shape (n, height, width, 3)."""
        patches = [KongNet.preproc(self._image[y0:y1, x0:x1]) for x0, y0, x1, y1 in boxes]
        return torch.from_numpy(np.stack(patches))

    def _take_batch_statistics(self, patches: torch.Tensor) -> None:
        for module in self._network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None
        with torch.no_grad():
            self._network.train()(patches.permute(0, 3, 1, 2))


def main(field: str, threads: str) -> None:
    torch.set_num_threads(int(threads))
    versions = {one.__name__: one.__version__ for one in (tiatoolbox, torch, timm)}
    answer(lambda: Detector(np.load(field)).find, versions)


if __name__ == "__main__":
    main(*sys.argv[1:])
