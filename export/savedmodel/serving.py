"""The base path of a model in TensorFlow Serving: integer versions, and files to start it with."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from mitokeras.disk.files import atomic_path
from mitokeras.errors import ConfigError

MODEL_CONFIG = "models.config"
BATCHING = "batching_parameters.txt"

logger = logging.getLogger(__name__)

_BATCHING_TEXT = """\
# For servers of `serving_default`, `classify` and `subtype` alone: with --enable_batching a server
# joins requests along the first axis, which `detect` and `detect_bytes` do not have.
max_batch_size { value: 8 }
batch_timeout_micros { value: 20000 }
num_batch_threads { value: 2 }
max_enqueued_batches { value: 64 }
"""


def next_version(base: Path) -> int:
    """The number of the next version below a base path, 1 for a new one.

    Raises:
        ConfigError: The folder holds something else than versions.
    """
    if set("*?[") & set(str(base)):
        raise ConfigError(f"{base}: TensorFlow loads no SavedModel from a path with *, ? or [")
    if not base.exists():
        return 1
    if not base.is_dir():
        raise ConfigError(f"{base}: --out must be a folder")
    versions = []
    for path in base.iterdir():
        if path.name.startswith("."):
            continue  # of the system, or left by an export that was killed
        if path.name.isdecimal():
            versions.append(int(path.name))
        elif path.name not in (MODEL_CONFIG, BATCHING):
            raise ConfigError(
                f"{base}: --out must be new, empty, or hold integer versions only. "
                f"Received: {path.name}"
            )
    return max(versions, default=0) + 1


def write_serving_files(base: Path) -> None:
    """Write a model config and batching parameters where there are none.

    The version that has just been written is whole without them, so that a failure is only said.
    """
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", base.resolve().name)
    texts = {
        MODEL_CONFIG: f"""\
model_config_list {{
  config {{
    name: "{name}"
    base_path: "/models/{name}"
    model_platform: "tensorflow"
    model_version_policy {{ latest {{ num_versions: 1 }} }}
  }}
}}
""",
        BATCHING: _BATCHING_TEXT,
    }
    for file, text in texts.items():
        path = base / file
        try:
            if not path.exists():
                with atomic_path(path) as partial:
                    partial.write_text(text, encoding="utf-8")
        except OSError as error:
            logger.warning("%s: not written: %s", path, error.strerror)
