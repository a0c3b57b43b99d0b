import pytest

from mitokeras.models.attention import ChannelAttention
from mitokeras.run.config import Config
from mitokeras.train.networks import segmenter_network


@pytest.mark.parametrize("input_px", [64, 160])
def test_the_segmenter_s_window_is_the_training_patch(input_px: int) -> None:
    config = Config().updated({"segmenter": {"model": "edge", "width": 8, "patch_px": 96}})
    model = segmenter_network(config, input_px)
    windows = {
        layer.name[: len("decoder_1")]: (layer.window_px, layer.cell_px)
        for layer in model.layers
        if isinstance(layer, ChannelAttention)
    }
    # image pixels over the stride of the level: 2, 4, 8; a cell has 16 of the image
    assert windows == {"decoder_1": (48, 8), "decoder_2": (24, 4), "decoder_3": (12, 2)}


def test_a_baseline_has_no_window() -> None:
    config = Config().updated({"segmenter": {"model": "unet", "width": 4}})
    assert segmenter_network(config, 64).output_shape == (None, 64, 64, 1)
