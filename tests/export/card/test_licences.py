"""Several data sets with licences of their own, in the run's settings and in the card."""

from typing import Any

from mitokeras.run.record import DataSource, RunRecord
from mitokeras.run.start import Origin, StartRecord
from tests.export.card.test_card import PLACEHOLDER, changed, parts, record, table

MIXTURE = {
    "brecahad": {"weight": 3.0, "license": "CC BY 4.0", "attribution": "Aksac | et al. 2019"},
    r"C:\jane\atnorm_br": {"weight": 1.0, "license": "MIT"},
}


def mixed(weights: str = "none", **changes: Any) -> RunRecord:
    """The record of a run on a mixture; `changes` of its data configuration."""
    return record("/home/jane/data", weights, mixture={"sources": MIXTURE, **changes})


def test_sources_and_their_shares() -> None:
    settings = mixed().settings
    assert settings.sources == (
        DataSource("brecahad", 0.75, "CC BY 4.0", "Aksac | et al. 2019"),
        DataSource("atnorm_br", 0.25, "MIT", ""),
    )
    assert not settings.is_synthetic
    assert settings.datasets == ("brecahad", "atnorm_br")


def test_a_run_on_one_data_set() -> None:
    settings = record().settings
    assert settings.sources == ()
    assert settings.datasets == ("brecahad",)
    assert "weight in training" not in changed()


def test_the_card_names_licences_and_whom_to_thank() -> None:
    card = changed(record=mixed(weights_license="Apache-2.0"))
    header, text = parts(card)
    assert header["license"] == "apache-2.0"
    assert header["model-index"][0]["results"][0]["dataset"]["type"] == "brecahad-atnorm-br"
    assert "Data sets: **brecahad, atnorm_br**" in text
    escaped = text.replace("\\|", "/")
    assert table(escaped, "data set") == [
        ["brecahad", "75 %", "CC BY 4.0", "Aksac / et al. 2019"],
        ["atnorm_br", "25 %", "MIT", ""],
    ]
    assert "The weights are Apache-2.0 as well; the data sets keep their own licences." in text
    assert PLACEHOLDER not in text
    assert "jane" not in text


def test_what_is_left_to_state() -> None:
    _, text = parts(changed(record=mixed()))
    assert f"**{PLACEHOLDER}:** the licence of these weights: ____" in text
    unknown = {**MIXTURE, "own": {"weight": 1.0}}
    values = mixed(weights="imagenet", sources=unknown, weights_license="MIT")
    header, text = parts(changed(record=values))
    assert header["license"] == "mit"
    assert "The weights are MIT; the" in text
    asked = "the licence of the data set own and of the classifier's first weights, on which"
    assert f"**{PLACEHOLDER}:** {asked}" in text


def test_drawn_fields_alone_are_called_so() -> None:
    card = changed(record=record(None, mixture={"sources": {"synthetic": {"weight": 1.0}}}))
    assert "**synthetic fields of mitokeras**" in card


def test_what_a_model_was_fine_tuned_from_keeps_its_licence() -> None:
    origins = [
        Origin(name="the weights of edge", license="CC-BY-4.0"),
        Origin(name="the data set a|b", license="MIT", attribution="Aksac et al. 2019"),
    ]
    start = StartRecord(
        name="edge", segmenter_sha256="a" * 64, classifier_sha256="b" * 64, origins=tuple(origins)
    )
    stated = mixed(weights_license="MIT")
    tuned = stated.changed(settings=stated.settings.changed(start=start))
    header, text = parts(changed(record=tuned))
    assert header["license"] == "mit"
    escaped = text.replace("\\|", "/")
    assert table(escaped, "what") == [
        ["the weights of edge", "CC-BY-4.0", ""],
        ["the data set a/b", "MIT", "Aksac et al. 2019"],
    ]
    assert "fine-tuned, on these data alone, from **edge (segmenter.keras aaaaaaaaaaaa," in text
    assert "random weights" not in text
    assert "The weights are MIT; the data sets keep their own licences, as does what they" in text
    assert PLACEHOLDER not in text

    unknown = start.changed(origins=(origins[1], Origin(name="the weights of lab")))
    tuned = stated.changed(settings=stated.settings.changed(start=unknown))
    _, text = parts(changed(record=tuned))
    assert f"**{PLACEHOLDER}:** the licence of the weights of lab, on which" in text


def test_fine_tuned_weights_are_not_free_by_themselves() -> None:
    start = StartRecord(name="x", segmenter_sha256="a" * 64, classifier_sha256="b" * 64, origins=())
    assert record(None).settings.licence == "Apache-2.0"
    assert record(None).settings.changed(start=start).licence is None


def test_each_network_says_what_it_started_from_and_lite0_has_a_known_licence() -> None:
    stated = mixed(weights_license="MIT")
    config = stated.settings.config.updated(
        {
            "segmenter": {"model": "lite0", "weights": "imagenet"},
            "classifier": {"model": "lite0", "weights": "imagenet"},
        }
    )
    _, text = parts(changed(record=stated.changed(settings=stated.settings.changed(config=config))))
    assert "- The segmenter started from ImageNet weights." in text
    assert "- The classifier started from ImageNet weights." in text
    assert "first weights" not in text
