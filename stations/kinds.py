"""Kinds of stations."""

from enum import Enum


class StationKind(Enum):
    """Whose station it is, as far as smart-me is concerned: its own, or any other that speaks OCPP."""

    OCPP = "ocpp"
    PICO = "pico"
