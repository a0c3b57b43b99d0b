"""Which detections hit which mitotic figures."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree


def match(truths: np.ndarray, detections: np.ndarray, radius: float) -> np.ndarray:
    """Pair truths with detections one to one.

    Of all pairings inside the radius it is one with the most pairs, and of those one with the
    least total distance, so the number of pairs does not depend on the order of the points.

    Args:
        truths: Centres, shape (n, 2).
        detections: Centres in the same unit, shape (m, 2).
        radius: Largest distance of a pair, inclusive.

    Returns:
        Rows (index of truth, index of detection), shape (pairs, 2), by index of truth.
    """
    if len(truths) == 0 or len(detections) == 0:
        return np.zeros((0, 2), dtype=np.int64)
    near = KDTree(truths).sparse_distance_matrix(
        KDTree(detections), radius, output_type="coo_matrix"
    )
    # An explicit zero distance is an edge as well, so the graph is built of ones.
    nodes = len(truths) + len(detections)
    edges = (np.ones(near.nnz), (near.row, near.col + len(truths)))
    _, group = connected_components(coo_array(edges, shape=(nodes, nodes)), directed=False)

    group_of_edge = group[near.row]
    by_group = np.argsort(group_of_edge, kind="stable")
    starts = np.flatnonzero(np.diff(group_of_edge[by_group])) + 1
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for in_group in np.split(by_group, starts):
        rows, row_of = np.unique(near.row[in_group], return_inverse=True)
        columns, column_of = np.unique(near.col[in_group], return_inverse=True)
        # One pair too few costs more than any choice of distances can save.
        far = (radius + 1.0) * (len(rows) + len(columns))
        cost = np.full((len(rows), len(columns)), far)
        cost[row_of, column_of] = near.data[in_group]
        chosen_row, chosen_column = linear_sum_assignment(cost)
        inside = cost[chosen_row, chosen_column] < far
        pairs.append(np.stack([rows[chosen_row[inside]], columns[chosen_column[inside]]], axis=1))
    result = np.concatenate(pairs)
    return result[np.argsort(result[:, 0])]
