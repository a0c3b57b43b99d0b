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
        ("mitochondria", "lookalike"),
        ("n\u00e9crose", "lookalike"),
        ("non-mitoza", "lookalike"),
        ("hard_negative", "lookalike"),
        ("tumor_nucleus", "nucleus"),
        ("non_tumor_nucleus", "nucleus"),
        ("tubule", "other"),
        ("normal mitotic figure", "figure"),
        ("Mitotic cells", "figure"),
        ("mitosis (atypical)", "figure"),
        ("MitoticFigure", "figure"),
        ("MF", "figure"),
        ("AMF", "figure"),
        ("Mitosen", "figure"),
        ("late anaphase", "figure"),
        ("Metaphases", "figure"),
        ("aMF", "figure"),
        ("aMFs", "figure"),
        ("typicalMF", "figure"),
        ("aMitosis", "figure"),
        ("non-metafase", "lookalike"),
        ("interphase", "lookalike"),
        ("1", "figure"),
        ("1.0", "figure"),
        ("TRUE", "figure"),
        ("0", "lookalike"),
        ("0,0", "lookalike"),
        ("no", "lookalike"),
        ("nonmitotic", "lookalike"),
        ("NonMitotic", "lookalike"),
        ("amitotic", "lookalike"),
        ("not MF", "lookalike"),
        ("mitosis-like figure", "lookalike"),
        ("Mitosis: Negative", "lookalike"),
        ("false positive", "lookalike"),
        ("Rejected candidate", "lookalike"),
        ("non_mitosis_lookalike", "lookalike"),
        ("non-mitotic nucleus", "nucleus"),
        ("tumour nuclei", "nucleus"),
        ("atypical nucleus", "nucleus"),
        ("non_tubule", "other"),
    ],
)
def test_kind_of(label: str, kind: str) -> None:
    assert kind_of(label) == kind


@pytest.mark.parametrize(
    "label",
    [
        "mitosis?",
        "mitosis-",
        "Mitosis*",
        "possible mitosis",
        "possible",
        "probable",
        "not sure",
        "Not sure if mitosis",
        "maybe",
        "ambiguous",
        "questionable",
        "borderline",
        "indeterminate",
        "no consensus",
        "not determined",
        "possible false positive",
        "unlikely",
        "tumor mitosis",
        "mitotic count",
        "antimitotic",
        "mit\u00f3tica",
        "non-atypical mitosis",
        "normal atypical mitosis",
        "NMF",
        "positive",
        "false negative",
        "TP",
        "unknown",
        "nan",
        "N/A",
        "2",
        "class 1",
        "M",
        "atypical",
        "normal cell",
        "figure",
        "dividing cell",
        "mitoz",
        "Metaphasen",
        "telofase",
        "metafasi",
        "Telof\u00e1ze",
        "anaphasic",
        "meta-phase",
        "nMF",
        "mitoosi",
        "Mit",
        "PHH3+",
        "M-phase",
        "\u043c\u0438\u0442\u043e\u0437",
        "\u6709\u4e1d\u5206\u88c2",
        "mit\u043esis",  # its o is not Latin
        "apoptosis \u03b1",
        "Ignore*",
        "ROI",
        "--",
    ],
)
def test_what_may_be_a_mitosis_or_not_is_asked(label: str) -> None:
    with pytest.raises(DataError, match=r"line 2: a label must say whether it is a mitosis"):
        kind_of(label, "labels.csv, line 2")


@pytest.mark.parametrize(
    ("label", "stated", "subtype"),
    [
        ("mitosis", "Atypical", "atypical"),
        ("mitosis", "normal", "normal"),
        ("mitosis", "", ""),
        ("atypical mitotic-figure", "", "atypical"),
        ("non_mitosis_lookalike", "what", ""),
        ("typical mitosis", "", "normal"),
        ("mitosis (atypical)", "atypical", "atypical"),
        ("AMF", "", "atypical"),
        ("aMF", "", "atypical"),
        ("aMFs", "", "atypical"),
        ("mitosis", "aMF", "atypical"),
        ("mitosis", "nMF", "normal"),
        ("mitosis", "NMF", "normal"),
        ("mitosis", "atypical mitotic figure", "atypical"),
    ],
)
def test_subtype_of(label: str, stated: str, subtype: str) -> None:
    assert subtype_of(label, stated, "labels.csv, line 2") == subtype


def test_another_subtype_of_a_mitosis_is_refused() -> None:
    with pytest.raises(DataError, match=r"line 2: subtype must be normal, .* Received: tripolar"):
        subtype_of("mitosis", "tripolar", "labels.csv, line 2")


@pytest.mark.parametrize("stated", ["non-atypical", "normal or atypical", "mitosis"])
def test_a_subtype_must_be_plain(stated: str) -> None:
    with pytest.raises(DataError, match="subtype must be normal, atypical or empty"):
        subtype_of("mitosis", stated, "labels.csv, line 2")


def test_a_subtype_must_be_that_of_the_label() -> None:
    with pytest.raises(DataError, match=r"must be that of the label.*atypical mitosis, normal"):
        subtype_of("atypical mitosis", "normal", "labels.csv, line 2")
