"""Handling each slide of a scanner's output folder exactly once, as they come."""

from __future__ import annotations

from mitokeras.watch.stopping import Stop, stop_on_signals
from mitokeras.watch.watcher import watch

__all__ = ["Stop", "stop_on_signals", "watch"]
