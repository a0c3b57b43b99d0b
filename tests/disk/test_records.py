from typing import Annotated

import pytest
from pydantic import Field, model_validator

from mitokeras.disk.records import LeanRecord, Record, parse
from mitokeras.errors import ConfigError


class Edge(Record):
    length_px: Annotated[int, Field(gt=0)] = 64


class Window(Record):
    """A record with a rule between two of its values."""

    edge: Edge = Edge()
    step_px: int = 32
    corner: Annotated[tuple[int, int], Field(strict=False)] = (0, 0)

    @model_validator(mode="after")
    def _no_gap(self) -> "Window":
        if self.step_px > self.edge.length_px:
            raise ValueError("step_px must be at most the edge")
        return self


WRONG = [
    ({"step": 1}, "unknown key 'step'. Known: edge, step_px, corner"),
    ({"edge": {"length": 1}}, "unknown key 'edge.length'. Known: length_px"),
    ({"edge": {"length_px": 0}}, "'edge.length_px': Input should be greater than 0. Received: 0"),
    ({"step_px": "8"}, "'step_px': Input should be a valid integer. Received: '8'"),
    ({"step_px": 65}, "step_px must be at most the edge"),
    ({"edge": Edge(length_px=16)}, "step_px must be at most the edge"),
]


@pytest.mark.parametrize(("values", "message"), WRONG)
def test_a_change_is_refused_as_a_whole_record_would_be(values, message: str) -> None:
    window = Window()
    with pytest.raises(ConfigError) as change:
        window.changed(**values)
    with pytest.raises(ConfigError) as whole:
        parse(Window, values)
    assert message in str(change.value)
    assert message in str(whole.value)
    assert window == Window()


def test_a_changed_record_keeps_what_was_set_and_only_that() -> None:
    window = Window(step_px=8).changed(edge={"length_px": 16}, corner=[1, 2])
    assert window == Window(edge=Edge(length_px=16), step_px=8, corner=(1, 2))
    assert Window(step_px=8).changed(step_px=4).model_dump(exclude_unset=True) == {"step_px": 4}


class Lean(LeanRecord):
    given: str | None
    score: float | None = None
    name: str = ""
    share: float = 0.5


class Holder(Record):
    part: Lean


def test_a_lean_record_leaves_out_what_is_not_there() -> None:
    held = Holder(part=Lean(given=None))
    assert held.to_json() == {"part": {"given": None, "share": 0.5}}
    assert held.model_dump_json() == '{"part":{"given":null,"share":0.5}}'
    assert parse(Holder, held.to_json()) == held
    full = Holder(part=Lean(given="", score=0.0, name="a"))
    assert full.to_json() == {"part": {"given": "", "score": 0.0, "name": "a", "share": 0.5}}
