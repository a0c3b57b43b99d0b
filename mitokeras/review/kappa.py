"""Cohen's kappa: how far two readers agree beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def cohens_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Compare two readers' labels of the same things.

    Cohen, A coefficient of agreement for nominal scales, 1960: (p - e) / (1 - e), where p is the
    share of equal labels and e what it would be by chance, by how often each reader gives each.

    Returns:
        -1 to 1; None where it is not defined: no label, or all of both the same one.

    Raises:
        ValueError: One has more labels than the other.
    """
    if not first:
        return None
    equal = sum(a == b for a, b in zip(first, second, strict=True))
    a, b = Counter(first), Counter(second)
    by_chance = sum(a[label] * b[label] for label in a)
    total = len(first)
    if by_chance == total**2:
        return None
    return (equal * total - by_chance) / (total**2 - by_chance)
