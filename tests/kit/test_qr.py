"""QR codes that scanners read back."""

import re

from kit.qr import QUIET_MODULES, drawing, svg

ADDRESS = "https://laden.example/q/4711023"


def test_runs_draw_exactly_the_dark_modules() -> None:
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(ADDRESS)
    code.make(fit=True)
    drawn = drawing(ADDRESS)
    assert drawn.side == len(code.get_matrix())
    grid = [[False] * drawn.side for _ in range(drawn.side)]
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", drawn.path):
        for column in range(int(x), int(x) + int(length)):
            grid[int(y)][column] = True
    assert grid == code.get_matrix()


def test_a_code_is_drawn_as_runs_and_not_as_single_squares() -> None:
    modules = sum(int(length) for length in re.findall(r"h(\d+)", drawing(ADDRESS).path))
    assert (drawing(ADDRESS).path.count("M"), modules) == (219, 440)


def test_the_label_is_text_and_never_markup() -> None:
    assert 'aria-label="a &lt;b&gt; &#34;c&#34;"' in svg(ADDRESS, label='a <b> "c"')
