"""R2U-Net (Alom et al. 2018, arXiv 1802.06955): a U-Net of recurrent residual units."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import decoder, encoder, plain_skip
from mitokeras.models.packing import Tensor

STEPS = 2
"""t of the paper: how often a recurrent convolution is fed its own output."""


def body(image: Tensor, width: int) -> Tensor:
    """As LeeJunHyun/Image_Segmentation has it, biases before batch normalisations included."""
    maps = encoder(image, width, recurrent_residual)
    return decoder(maps, _up, recurrent_residual, plain_skip)


def _up(x: Tensor, filters: int, name: str) -> Tensor:
    """Every pixel repeated 2 x 2, 3x3 convolution with bias, BN, ReLU."""
    return _ConvBnRelu(filters, name)(layers.UpSampling2D(2, name=name)(x))


def recurrent_residual(x: Tensor, filters: int, name: str) -> Tensor:
    """Recurrent residual unit: 1x1 convolution, and two recurrent convolutions added to it."""
    x = layers.Conv2D(filters, 1, kernel_initializer="he_normal", name=f"{name}_project_conv")(x)
    main = recurrent(x, filters, f"{name}_recurrent_1")
    main = recurrent(main, filters, f"{name}_recurrent_2")
    return layers.Add(name=f"{name}_add")([x, main])


def recurrent(x: Tensor, filters: int, name: str) -> Tensor:
    """Recurrent convolution: y(0) = f(x), y(s) = f(x + y(s - 1)), of which y(`STEPS`).

    f is a 3x3 convolution, batch normalisation and ReLU, the same weights in every step. The
    normalisation is shared as well: each step of a training batch is normalised with its own
    statistics, and all steps feed the one pair of moving statistics that prediction uses.
    """
    convolve = _ConvBnRelu(filters, name)
    y = convolve(x)
    for step in range(1, STEPS + 1):
        y = convolve(layers.Add(name=f"{name}_add_{step}")([x, y]))
    return y


class _ConvBnRelu:
    """3x3 convolution with bias, batch normalisation, ReLU; each call uses the same weights."""

    def __init__(self, filters: int, name: str) -> None:
        self.layers = (
            layers.Conv2D(
                filters, 3, padding="same", kernel_initializer="he_normal", name=f"{name}_conv"
            ),
            layers.BatchNormalization(momentum=0.9, name=f"{name}_bn"),
            layers.ReLU(name=f"{name}_relu"),
        )

    def __call__(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


BASELINE = Baseline(
    "R2U-Net with t = 2 (Alom et al. 2018, arXiv 1802.06955), as in the common implementation, "
    "github.com/LeeJunHyun/Image_Segmentation: five levels, 64 to 1024 channels, nearest "
    "up-sampling; the weights of a recurrent convolution, its batch normalisation included, are "
    "shared by its three steps. The count is that of the layers of its network.py with three "
    "channels in and one out",
    parameters=39_105_089,
    macs=609_952_464_896,
    published_parameters=39_091_393,
    body=body,
)
