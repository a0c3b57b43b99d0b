from mitokeras.models.baselines.unet_plus_plus import BASELINE
from tests.baseline_networks import network


def test_parameters_are_the_published_ones_but_for_colour() -> None:
    colour = 2 * 9 * 32  # theirs is for gray images
    assert BASELINE.parameters == BASELINE.published_parameters + colour


def test_each_node_reads_its_row_and_the_node_below() -> None:
    model = network(BASELINE, 32, 4)

    def node(level: int, column: int) -> object:
        name = f"node_{level}_{column}" if column else f"encoder_{level + 1}"
        return model.get_layer(f"{name}_block_b_conv").output

    for level in range(4):
        for column in range(1, 5 - level):
            *row, up = model.get_layer(f"node_{level}_{column}_concat").input
            assert [id(x) for x in row] == [id(node(level, before)) for before in range(column)]
            assert up is model.get_layer(f"node_{level}_{column}_up_conv").output
            below = model.get_layer(f"node_{level}_{column}_up_conv").input
            assert below is node(level + 1, column - 1)
            assert up.shape == row[0].shape == (None, 32 >> level, 32 >> level, 4 << level)
    assert model.get_layer("head_conv").input is node(0, 4)
