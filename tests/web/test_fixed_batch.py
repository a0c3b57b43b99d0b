from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.folder import shipped_models
from mitokeras.detect.spec import read_spec
from mitokeras.errors import ModelError
from mitokeras.runners.runner import Role
from mitokeras.web.fixed_batch import with_fixed_batch

EDGE = shipped_models()["edge"]


def answer(model: bytes, image: np.ndarray) -> np.ndarray:
    interpreter = Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], image[None])
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


@pytest.mark.parametrize("role", read_spec(EDGE).sides)
def test_the_axis_is_one_and_the_network_the_same(role: Role) -> None:
    path = EDGE / f"{role}.tflite"
    model = path.read_bytes()
    fixed = with_fixed_batch(model, role, path.name)
    interpreter = Interpreter(model_content=fixed)
    for tensor in interpreter.get_tensor_details():
        assert -1 not in tensor["shape_signature"], tensor["name"]
    side = int(interpreter.get_input_details()[0]["shape"][1])
    image = draw_field(side, side, seed=4, case=4).image
    np.testing.assert_array_equal(answer(fixed, image), answer(model, image))
    # Four bytes of -1 for each tensor with a batch axis, and nothing else.
    before, after = np.frombuffer(model, np.uint8), np.frombuffer(fixed, np.uint8)
    changed = np.flatnonzero(before != after)
    assert set(before[changed]) == {255}
    assert 4 < len(changed) < 1000
    assert path.read_bytes() == model


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="x: not a TFLite network"):
        with_fixed_batch(b"TFL3" * 10, "segmenter", "x")
