"""What the name of a label means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal, TypedDict

from mitokeras.counting.atypical import Subtype
from mitokeras.data.fields import Mark
from mitokeras.errors import DataError

Kind = Literal["figure", "lookalike", "nucleus", "other"]

MEANING: dict[Kind, str] = {
    "figure": "mitotic figures",
    "lookalike": "look-alikes",
    "nucleus": "ordinary nuclei",
    "other": "not nuclei, left out",
}

CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])(?!(?<=[^A-Za-z][an])MFs?(?![A-Za-z]))")
"""Where a word begins by a capital letter; aMF and nMF are one."""

WORD = re.compile(r"[^\W_]+|[^\w\s(),./:;\[\]-]|-$")
"""A word, or a sign that may change the meaning, such as "?"."""


def _words(label: str) -> tuple[str, ...]:
    """Its words in lower case, without accents."""
    plain = unicodedata.normalize("NFKD", CAMEL.sub(" ", f" {label}")).casefold()
    return tuple(WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


NORMAL = frozenset(_words("normal typical"))
ATYPICAL = frozenset(_words("abnormal amf amfs atypical"))

FIGURE = frozenset(
    _words(
        "mitosis mitoses mitotic mitose mitosen mitosi mf mfs amf amfs "
        "prophase prometaphase metaphase anaphase telophase "
        "prophases prometaphases metaphases anaphases telophases"
    )
)
"""Words that make an object a mitotic figure, with none beside them but those of `BESIDE`."""

BESIDE = (
    frozenset(_words("a cell cells figure figures late nuclei nucleus the")) | NORMAL | ATYPICAL
)

NEGATING = frozenset(
    _words(
        "alike false imposter imposters impostor impostors like lookalike lookalikes mimic mimics "
        "negative no non not pseudo rejected"
    )
)
MITOSIS = r"mito(?!chondr)"
"""In any language: mitosis, mitotisch, mitoza, mitoosi."""

STAGE = r"\b(?:pro|prometa|meta|ana|telo)(?:ph|f)a+[sz]"
"""Likewise: metaphasic, Metaphasen, metafase, metafaze, metafaasi."""

NEGATED = re.compile(rf"(a|no|non|not|pseudo){MITOSIS}.*")

NMF = frozenset(_words("nmf nmfs"))
"""Of a mitotic figure, the normal one; as its label, it may be short for non-mitotic figure."""

TRUE = frozenset(_words("1 t true y yes"))
FALSE = frozenset(_words("0 f false n no"))

UNCLEAR = NMF | frozenset(
    _words(
        "dividing division fn ignore ignored mit mits mphase na nan none null ph3 phase phh3 pos "
        "positive region roi tp true unknown unlabeled unlabelled "
        # of doubt, with a "not" or "no" before some of them as well
        "agreement ambiguous available borderline consensus debatable determined disagreement "
        "disputed doubt doubtful dubious equivocal indeterminate likely maybe perhaps possible "
        "possibly probable probably questionable review sure suspected suspicious tell unclear "
        "uncertain undecided undefined undetermined unlikely unsure"
    )
)
"""Words that may as well be said of a mitosis as of something else."""

REGION = frozenset(_words("region regions roi rois"))
OF_REGION = frozenset(_words("annotated annotation interest labeled labelled of"))
"""What may stand beside it; an "area" beside one of these is a region as well."""

AREA = frozenset(_words("area areas"))
IGNORED = frozenset(_words("exclude excluded ignore ignored"))

NOT_NUCLEI = frozenset({("tubule",), ("non", "tubule")})


class Objects(TypedDict):
    """Marks by what they are to the detector, as a `Field` takes them."""

    figures: tuple[Mark, ...]
    lookalikes: tuple[Mark, ...]
    nuclei: tuple[Mark, ...]


def kind_of(label: str, where: str = "labels") -> Kind:
    """What an object of this label is to the detector.

    Upper case, `_`, `-`, brackets and the order of the words make no difference. A mitosis is what
    only words for one name; 1, true and yes as well. Whatever is no mitosis, ordinary nucleus (a
    name that ends in "nucleus") or tubule is taken for a look-alike.

    Args:
        label: What the data set calls the object.
        where: File and line, for the error.

    Raises:
        DataError: The name may be that of a mitosis or not, such as "mitosis?" or "2".
    """
    kind = _kind_of(label)
    if kind is None:
        raise DataError(
            f"{where}: a label must say whether it is a mitosis: mitosis, atypical mitosis, "
            f"non-mitosis or a name of what else it is. Received: {label!r}"
        )
    return kind


def area_of(label: str) -> Literal["labelled", "ignored"] | None:
    """What the name of an area says: all in it is labelled, or nothing is known there.

    `Region*` and `Ignore*` are QuPath's. Numbers make no difference, and neither do "annotated"
    and "labelled". None where the name says neither, as "tumour" does, or a "counted region",
    as `mitokeras review` calls one of which not all need be judged.
    """
    words = set(_words(re.sub(r"[\d*]+", " ", label)))
    is_region = bool(words & REGION or (words & AREA and words & OF_REGION))
    if is_region and words <= REGION | AREA | OF_REGION:
        return "labelled"
    return "ignored" if words & IGNORED and words <= IGNORED | REGION | AREA else None


def is_figure(label: str) -> bool:
    """Whether a name is plainly that of a mitotic figure."""
    return _kind_of(label) == "figure"


def subtype_of(label: str, stated: str, where: str) -> Subtype:
    """The subtype of an object: what a data set states, else what its label says.

    Args:
        label: What the data set calls the object.
        stated: "normal", "atypical" or another word for it, in upper case as well, or empty.
        where: File and line, for the error.

    Raises:
        DataError: Another subtype of a mitotic figure is stated, or another than the label says.
    """
    if kind_of(label, where) != "figure":
        return ""
    words = set(_words(stated))
    is_known = words <= FIGURE | BESIDE | NMF
    of_stated = _subtypes(words | NORMAL if words & NMF else words) if is_known else set()
    if stated and len(of_stated) != 1:
        raise DataError(f"{where}: subtype must be normal, atypical or empty. Received: {stated}")
    found = _subtypes(set(_words(label))) | of_stated
    if len(found) > 1:
        raise DataError(
            f"{where}: the subtype must be that of the label. Received: {label}, {stated}"
        )
    return found.pop() if found else ""


def objects(marks: Iterable[Mark], where: str) -> Objects:
    """Sort marks by what their labels mean; those of what is no nucleus are left out."""
    kinds: dict[Kind, list[Mark]] = {kind: [] for kind in MEANING}
    for mark in marks:
        kinds[kind_of(mark.label, where)].append(mark)
    return {
        "figures": tuple(kinds["figure"]),
        "lookalikes": tuple(kinds["lookalike"]),
        "nuclei": tuple(kinds["nucleus"]),
    }


def labels_note(counts: Mapping[str, int]) -> list[str]:
    """A note on how often each name occurs and what it was taken for; none without labels."""
    if not counts:
        return []
    kinds = (f"{n} {name} ({MEANING[kind_of(name)]})" for name, n in counts.items())
    return [f"labels: {', '.join(kinds)}"]


@cache
def _kind_of(label: str) -> Kind | None:
    """None where it must be asked."""
    words = _words(label)
    known = set(words)
    number = re.fullmatch(r"([01])(?:[.,]0+)?", label.strip())  # a column of floats is 1.0
    if (number and number[1] in TRUE) or (len(words) == 1 and known <= TRUE):
        return "figure"
    if (number and number[1] in FALSE) or (len(words) == 1 and known <= FALSE):
        return "lookalike"
    if _is_unclear(known):
        return None
    negated = bool(known & NEGATING) or any(NEGATED.fullmatch(word) for word in words)
    if known & FIGURE or re.search(f"{MITOSIS}|{STAGE}", " ".join(words)):
        if negated and known & (NORMAL | ATYPICAL):
            return None
        if not negated:
            is_plain = known <= FIGURE | BESIDE and len(_subtypes(known)) < 2
            return "figure" if is_plain else None
    if words in NOT_NUCLEI:
        return "other"
    return "nucleus" if words[-1] in ("nucleus", "nuclei") else "lookalike"


def _is_unclear(words: set[str]) -> bool:
    """Whether words say too little, or are such as may be said of both."""
    return (
        words <= BESIDE - FIGURE - {"nucleus", "nuclei"}
        or all(len(word) == 1 for word in words)
        or any(word.isdecimal() for word in words)
        or bool(words & UNCLEAR - ({"positive"} if "false" in words else set()))
        or {"false", "negative"} <= words
        or not all(map(_is_latin, words))
    )


def _is_latin(word: str) -> bool:
    """Whether all its letters are: what other writing says is not known here."""
    return all("LATIN" in unicodedata.name(c, "") for c in word if c.isalpha())


def _subtypes(words: set[str]) -> set[Subtype]:
    found: set[Subtype] = set()
    if words & NORMAL:
        found.add("normal")
    if words & ATYPICAL:
        found.add("atypical")
    return found
