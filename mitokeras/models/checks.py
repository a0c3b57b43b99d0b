"""Checks of what a user asks of a model builder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from importlib import import_module
from typing import Any, TypeVar

from mitokeras.errors import ConfigError

Preset = TypeVar("Preset")

FACTS = {"description", "parameters", "macs"}
"""Fields that state what a preset is, and so cannot be overridden."""


def resolved_preset(
    kind: str, presets: Mapping[str, Preset], name: str, overrides: Mapping[str, Any]
) -> Preset:
    """The preset of that name with the overrides put in.

    Args:
        kind: What the presets describe, for messages.
        presets: Dataclasses by name.
        name: The one to take.
        overrides: Values by field name.

    Raises:
        ConfigError: Unknown name or override, or a value of another type than the preset's.
    """
    if name not in presets:
        raise ConfigError(f"{kind} must be one of {', '.join(presets)}. Received: {name}")
    preset: Any = presets[name]
    known = [field.name for field in fields(preset) if field.name not in FACTS]
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


def check_input_px(input_px: int, least: int) -> None:
    """Raises ConfigError unless the size is a multiple of 8 and at least `least`."""
    if input_px < least or input_px % 8:
        raise ConfigError(
            f"input_px must be a multiple of 8, at least {least}. Received: {input_px}"
        )


def check_width(width: int) -> None:
    """Raises ConfigError unless the width is a positive number of channels."""
    if width < 1:
        raise ConfigError(f"width must be at least 1 channel. Received: {width}")


def check_dropout(dropout: float) -> None:
    """Raises ConfigError unless the rate is in [0, 1)."""
    if not 0 <= dropout < 1:
        raise ConfigError(f"dropout must be at least 0 and below 1. Received: {dropout}")


def imported(name: str) -> Callable[..., Any]:
    """A function of the user's own, "module:function".

    Raises:
        ConfigError: It cannot be imported.
    """
    module, _, function = name.partition(":")
    try:
        found: Callable[..., Any] = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{name} must be a function of a module: {error}") from error
    return found


def check_shapes(name: str, model: Any, image: tuple[Any, ...], output: tuple[Any, ...]) -> None:
    """Raises ConfigError unless a user's own network has these shapes."""
    found = getattr(model, "input_shape", None), getattr(model, "output_shape", None)
    if found != (image, output):
        raise ConfigError(
            f"{name} must map {image} to {output}. Received: {found[0]} to {found[1]}"
        )
