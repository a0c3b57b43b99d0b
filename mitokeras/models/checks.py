"""Checks of what a user asks of a model builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from mitokeras.errors import ConfigError

Preset = TypeVar("Preset")

NOT_OVERRIDABLE = {"description", "parameters", "macs"}


def resolved_preset(
    kind: str, presets: Mapping[str, Preset], name: str, overrides: Mapping[str, Any]
) -> Preset:
    """The preset of that name with the overrides put in.

    Raises:
        ConfigError: Unknown name or override; the message lists the known ones.
    """
    if name not in presets:
        raise ConfigError(
            f"{kind} must be one of {', '.join(presets)}. Received: {kind}={name!r}"
        )
    preset = presets[name]
    known = [f.name for f in fields(preset) if f.name not in NOT_OVERRIDABLE]  # type: ignore[arg-type]
    for key in overrides:
        if key not in known:
            raise ConfigError(
                f"overrides of {kind} {name!r} must be among {', '.join(known)}. Received: {key}"
            )
    return replace(preset, **overrides)  # type: ignore[type-var]


def checked_input_px(input_px: int) -> None:
    """Raises ConfigError unless the size is a positive multiple of 8."""
    if input_px <= 0 or input_px % 8:
        raise ConfigError(f"input_px must be a positive multiple of 8. Received: {input_px}")
