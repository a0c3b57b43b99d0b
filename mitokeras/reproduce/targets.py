"""The names of the paper's pictures, for the command line."""

from __future__ import annotations

from typing import Literal, get_args

DataPicture = Literal["figure7", "figure8"]
"""Of the data set."""

DetectionPicture = Literal["figure5", "figure9", "figure10", "figure11"]
"""Of a detector's answers on test fields."""

DATA_PICTURES: tuple[DataPicture, ...] = get_args(DataPicture)
DETECTION_PICTURES: tuple[DetectionPicture, ...] = get_args(DetectionPicture)
