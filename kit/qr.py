"""QR codes as vector drawings: each row's dark modules as one stroked run, so the code stays small and prints sharp."""

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

QUIET_MODULES = 4
STROKE = "1.02"  # a little more than a module, so that no viewer shows a hairline between rows


@dataclass(frozen=True)
class QrDrawing:
    """What an SVG needs: the path data of the runs, and the side length in modules with the quiet zone."""

    path: str
    side: int


def drawing(text: str) -> QrDrawing:
    """Draw a text (an address) with error correction M."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    rows: list[list[bool]] = code.get_matrix()
    path = "".join(_row(number, row) for number, row in enumerate(rows))
    return QrDrawing(path, len(rows) + 2 * QUIET_MODULES)


def svg(text: str, *, label: str) -> Markup:
    """An inline SVG that fills its box; `label` is read to people who don't see it."""
    drawn = drawing(text)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" aria-label="{label}">'
        '<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
        '<path stroke="#000" stroke-width="{stroke}" d="{path}"/></svg>'
    ).format(side=drawn.side, label=label, stroke=STROKE, path=drawn.path)


def _row(number: int, row: list[bool]) -> str:
    runs, start = "", QUIET_MODULES
    for dark, group in groupby(row):
        length = len(list(group))
        if dark:
            runs += f"M{start} {number + QUIET_MODULES}.5h{length}"
        start += length
    return runs
