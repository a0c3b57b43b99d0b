"""What the networks that can be had by name have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from mitokeras.errors import ConfigError


@dataclass(frozen=True)
class Preset:
    """What a network states about itself, which cannot be overridden.

    Attributes:
        description: What it is and where it comes from; how it differs from that.
        parameters: All weights, moving statistics included.
        macs: Multiply-accumulates, as `count_macs` counts, of one 512 x 512 tile, or of one
            128 x 128 crop.
    """

    description: str
    parameters: int
    macs: int


AnyPreset = TypeVar("AnyPreset", bound=Preset)


def resolved_preset(
    kind: str, presets: Mapping[str, AnyPreset], name: str, overrides: Mapping[str, Any]
) -> AnyPreset:
    """The preset of that name with the overrides put in.

    Args:
        kind: What the presets describe, for messages.
        presets: The presets by name.
        name: The one to take.
        overrides: Values by field name.

    Raises:
        ConfigError: Unknown name or override, or a value of another type than the preset's.
    """
    if name not in presets:
        raise ConfigError(f"{kind} must be one of {', '.join(presets)}. Received: {name}")
    preset = presets[name]
    facts = {field.name for field in fields(Preset)}
    known = [field.name for field in fields(preset) if field.name not in facts]
    for key, value in overrides.items():
        if key not in known:
            raise ConfigError(
                f"overrides of {kind} {name} must be among {', '.join(known)}. Received: {key}"
            )
        expected = type(getattr(preset, key))
        if not isinstance(value, expected):
            raise ConfigError(
                f"{key} of {kind} {name} must be of type {expected.__name__}. Received: {value!r}"
            )
    return replace(preset, **overrides)
