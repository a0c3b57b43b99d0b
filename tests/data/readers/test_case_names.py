from pathlib import Path

import pytest

from mitokeras.data.readers.case_names import (
    case_before_frame_number,
    case_before_separator,
    case_of,
)


@pytest.mark.parametrize(
    ("stem", "by_frame", "by_separator"),
    [
        ("Case_10-03", "Case_10", "Case"),
        ("Case_10_03", "Case_10", "Case"),
        ("P07_block2_003", "P07_block2", "P07"),
        ("17", "17", "17"),
        ("3_12", "3", "3"),
        ("a_b", "a_b", "a"),
        ("_1", "_1", "_1"),
        ("x0_y0", "x0_y0", "x0"),
        ("Case 12 - 3", "Case 12", "Case 12"),
        ("Case_10-03_HE", "Case_10", "Case"),
        ("H-01.ome", "H", "H"),
        ("S1.svs", "S1", "S1"),
        # what may be other patients
        ("S19-12345_02", "S19-12345", "S19"),
        ("2019_123_A1", "2019_123_A1", "2019"),
        ("0_64_S1", "0_64_S1", "0"),
        ("TMA1_A1", "TMA1_A1", "TMA1"),
        ("Max1_y2", "Max1_y2", "Max1"),
        ("x0_y64_tumour", "x0_y64_tumour", "x0"),
        ("1.2.840.113619", "1.2.840.113619", "1.2.840.113619"),
    ],
)
def test_cases_from_names(stem: str, by_frame: str, by_separator: str) -> None:
    assert case_before_frame_number(stem) == by_frame
    assert case_before_separator(stem) == by_separator


@pytest.mark.parametrize(
    "position",
    [
        " [x=0,y=64,w=64,h=64]",
        " [d=2,x=0,y=64,w=64,h=64]-labelled",
        "_x0_y64",
        "_X0Y64",
        "-x0-y64",
        "_y64_x0",
        "_x=0_y=64",
        "_x0_y64_w64_h64",
        "_0_64",
        "-0-64",
        "_0_64_64_64",
        "_0x64",
        " (0, 64)",
        "_row0_col1",
        "_r0_c1",
        "_tile12",
        "_tile_12",
        "_patch_0_64",
        "_tile_0_level0_0-64-64-128",
        " (2)",
        # whatever is behind a position
        "_x0_y64_HE",
        "_x0_y0_norm",
        "_x0_y0_tumour_3",
        "_x0_y64_20x",
        "_x0_y0_1",
        "_tile_x0_y0_1",
        "_x0_y0 - Copy",
        "_x0_y64_(1)",
        "_0_64_HE",
        "_0_64_20x",
        "_0_64_flip_rgb",
        "_0_64 (1)",
        # other words and signs for one
        "_col1_row0",
        "_c1_r0",
        "_C01_R02",
        "_j1_i0",
        "_x1024.0_y512.0",
        "_x-64_y0",
        "_px0_py64",
        "_xmin0_ymin64_xmax64_ymax128",
        "_left0_top64",
        "_h0_w64",
        "x0y0",
        " (x0,y64)",
        "_0,64",
        "@0,64",
        "_0-64",
        "_-64_0",
        "__0__64",
        " 0 64",
        "_tile0_64",
        "_tile_12_of_40",
        "_20x_0_64",
        "_z0_x0_y0",
        ".svs_0_64",
        ".ome [x=0,y=0]",
        # no position
        ".svs",
        "_HE",
        " copy",
    ],
)
@pytest.mark.parametrize("rule", [case_before_frame_number, case_before_separator])
@pytest.mark.parametrize("slide", ["S1", "19"])
def test_tiles_are_of_the_case_of_their_slide(slide: str, position: str, rule: type) -> None:
    assert rule(slide + position) == slide


@pytest.mark.parametrize("stem", ["x0_y64_S1", "tile_x0_y64_S1", "x0_y64_w9_h9_S1", "tile_0_64_S1"])
@pytest.mark.parametrize("rule", [case_before_frame_number, case_before_separator])
def test_a_slide_may_stand_behind_its_position(stem: str, rule: type) -> None:
    assert rule(stem) == "S1"


@pytest.mark.parametrize("position", ["_tile_0_64", "_patch_64_0", "_x0_y64", "_L0_x0_y64"])
def test_a_plain_position_needs_no_number_before_it(position: str) -> None:
    assert case_before_frame_number(f"patientA{position}") == "patientA"


@pytest.mark.parametrize(
    ("stem", "case"),
    [
        ("S19-12345-2_0_64", "S19-12345"),
        ("slide_1_x0_y0", "slide_1"),  # "slide" would be all slides
        ("P1_2_x0_y0", "P1"),
        ("slide_1_0_64", "slide_1"),
    ],
)
def test_what_is_left_before_a_position_keeps_a_number(stem: str, case: str) -> None:
    assert case_before_frame_number(stem) == case


@pytest.mark.parametrize(
    ("image", "case"),
    [
        ("images/P1/001.png", "P1"),
        ("P1/S3/001.png", "P1"),
        ("images/train/S1_0_64.png", "S1"),
        ("TCGA-A1-A0SB-01Z-00-DX1.7D2F.png", "TCGA-A1-A0SB"),
        ("slides/TCGA-A1-A0SB-01Z-00-DX1_0_64.png", "TCGA-A1-A0SB"),
        ("tcga_a1_a0sb_3.png", "TCGA-A1-A0SB"),
    ],
)
def test_case_of_a_place(image: str, case: str) -> None:
    root = Path("/data")
    assert case_of(root / image, root, case_before_frame_number) == case
