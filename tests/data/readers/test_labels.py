import pytest

from mitokeras.data.readers.labels import kind_of, subtype_of
from mitokeras.errors import DataError


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("mitosis", "figure"),
        ("Mitotic_Figure", "figure"),
        ("mitotic-figure ", "figure"),
        ("mitotic nucleus", "figure"),
        ("not mitotic figure", "lookalike"),
        ("non-mitosis", "lookalike"),
        ("apoptosis", "lookalike"),
        ("hard_negative", "lookalike"),
        ("tumor_nucleus", "nucleus"),
        ("non_tumor_nucleus", "nucleus"),
        ("tubule", "other"),
        ("non_tubule", "other"),
    ],
)
def test_kind_of(label: str, kind: str) -> None:
    assert kind_of(label) == kind


@pytest.mark.parametrize(
    ("label", "stated", "subtype"),
    [
        ("mitosis", "Atypical", "atypical"),
        ("mitosis", "normal", "normal"),
        ("mitosis", "", ""),
        ("atypical mitotic-figure", "", "atypical"),
        ("non_mitosis_lookalike", "what", ""),
    ],
)
def test_subtype_of(label: str, stated: str, subtype: str) -> None:
    assert subtype_of(label, stated, "labels.csv, line 2") == subtype


def test_another_subtype_of_a_mitosis_is_refused() -> None:
    with pytest.raises(DataError, match=r"line 2: subtype must be normal, .* Received: tripolar"):
        subtype_of("mitosis", "tripolar", "labels.csv, line 2")
