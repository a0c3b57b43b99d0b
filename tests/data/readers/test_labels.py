import pytest

from mitokeras.data.readers.labels import kind_of


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
