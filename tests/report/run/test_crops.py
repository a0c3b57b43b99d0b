from mitokeras.report.run.crops import grid_height_in


def test_grid_height_counts_rows_of_ten() -> None:
    assert 0 < grid_height_in(0) < grid_height_in(1)
    assert grid_height_in(10) == grid_height_in(1)
    assert grid_height_in(11) == 2 * grid_height_in(1)
