"""Look-alikes that lie on what a mask marks as mitotic figures."""

from __future__ import annotations

import numpy as np

from mitokeras.data.fields import SAME_PX, Field
from mitokeras.errors import DataError


def count_marked(
    field: Field, lookalikes: np.ndarray, figures: np.ndarray, mask: np.ndarray
) -> int:
    """How many centres of look-alikes lie on marked pixels, beside the figure's own.

    Args:
        field: Whose mask it is, for the error.
        lookalikes: Centres (x, y), shape (n, 2).
        figures: Centroids (x, y) of the mask's figures, shape (m, 2).
        mask: 1 on figures, shape (height, width).

    Raises:
        DataError: A look-alike is a figure: within `SAME_PX` of its centroid.
    """
    apart = np.linalg.norm(lookalikes[:, None] - figures[None], axis=2)
    same = (apart <= SAME_PX).any(axis=1)
    if same.any():
        x, y = lookalikes[same][0]
        raise DataError(
            f"{field.image}: an object may be labelled as one thing only, within {SAME_PX:g} px. "
            f"Received: ({x:g}, {y:g}) as a look-alike and as a mitotic figure of {field.mask}"
        )
    height, width = mask.shape
    x, y = np.rint(lookalikes).astype(int).T
    return int(mask[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)].sum())


def notes_on_marked(count: int) -> list[str]:
    """A note on look-alikes that lie on figures of masks, if there are any."""
    if not count:
        return []
    return [f"{count} look-alikes lie on pixels that a mask marks as a mitotic figure"]
