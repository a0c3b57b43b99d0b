"""Checks of what a user asks of a model builder."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from mitokeras.errors import ConfigError


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
