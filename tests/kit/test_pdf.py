"""Drawing processes: what they refuse, what they survive, and that none stays behind."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from kit import i18n, pdf
from kit.errors import Unavailable
from kit.pdf import Pool

ROOT = Path(__file__).parent.parent.parent


def page(body: str = "<p>Grüezi</p>") -> str:
    return f'<html lang="de"><head><title>Probe</title></head><body>{body}</body></html>'


def children_of(parent: int) -> list[int]:
    """The drawing processes of a parent that are still there."""
    wanted = b"kit.pdf_process\0%d\0" % parent
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().endswith(wanted):
                found.append(int(folder.name))
    return found


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    pdf.close()
    pool = Pool(processes=1)
    yield pool
    pool.close()
    assert children_of(os.getpid()) == []


def test_the_same_page_gives_the_same_bytes_also_between_others(pool: Pool) -> None:
    first = pool.draw(page())
    other = pool.draw(page("<p style='font-weight:600'>Ganz anders, čšž €</p>"))
    assert pool.draw(page()) == first != other
    assert first.startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    "source",
    [
        "http://127.0.0.1:9/x.png",
        "https://example.com/x.png",
        "file:///etc/passwd",
        f"file://{ROOT}/static/lib/../../kit/pdf.py",
        f"file://{ROOT}/static/lib/%2e%2e/%2e%2e/kit/pdf.py",
        f"file://{ROOT}/kit/pdf.py",
        "data:image/svg+xml,<svg/>",
        "ftp://127.0.0.1/x",
    ],
)
def test_nothing_is_loaded_but_the_programs_own_libraries(pool: Pool, source: str) -> None:
    with pytest.raises(Unavailable):
        pool.draw(page(f'<img src="{source}" alt="">'))
    with pytest.raises(Unavailable):
        pool.draw(page(f"<style>@import url('{source}');</style>"))


def test_a_refused_page_costs_no_process() -> None:
    pool = Pool(processes=1)
    try:
        before = children_of(os.getpid())
        for _ in range(3):
            with pytest.raises(Unavailable):
                pool.draw(page('<img src="https://example.com/x.png" alt="">'))
        assert len(children_of(os.getpid())) == len(before) + 1
    finally:
        pool.close()


def test_a_killed_process_is_replaced_without_anybody_noticing(pool: Pool) -> None:
    before = pool.draw(page())
    [process] = children_of(os.getpid())
    os.kill(process, signal.SIGKILL)
    assert pool.draw(page()) == before
    assert children_of(os.getpid()) != [process]


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool(processes=1)
    try:
        pool.draw(page())
        monkeypatch.setattr(pdf, "LONGEST_S", 0.2)
        with pytest.raises(Unavailable):
            pool.draw(page("<table>" + "<tr><td>x</td></tr>" * 20_000 + "</table>"))
        monkeypatch.undo()
        assert pool.draw(page()).startswith(b"%PDF")
    finally:
        pool.close()


def test_many_threads_share_the_processes(pool: Pool) -> None:
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda number: pool.draw(page(f"<p>{number % 4}</p>")), range(32)))
    assert len(set(drawn)) == 4


PARENT = """
import sys, time
from kit.pdf import Pool
pool = Pool(processes=2)
pool.draw("<html><head><title>x</title></head><body>x</body></html>")
print("drawn", flush=True)
time.sleep(60)
"""


def test_no_process_outlives_a_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"drawn\n"
        assert len(children_of(parent.pid)) == 1
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 5
        while children_of(parent.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert children_of(parent.pid) == []


def test_a_request_thread_that_ends_takes_no_process_with_it() -> None:
    pool = Pool(processes=1)
    try:
        with ThreadPoolExecutor(1) as short_lived:
            short_lived.submit(pool.draw, page()).result()
        before = children_of(os.getpid())
        time.sleep(0.1)
        pool.draw(page())
        assert children_of(os.getpid()) == before != []
    finally:
        pool.close()


def test_documents_have_title_language_tags_and_embedded_fonts(pool: Pool) -> None:
    drawn = PdfReader(io.BytesIO(pool.draw(page("<h1>Titel</h1><p>Text</p>"))))
    assert drawn.metadata is not None
    assert drawn.metadata.title == "Probe"
    root: Any = drawn.root_object
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("de", True)
    resources: Any = drawn.pages[0]["/Resources"]
    fonts = resources["/Font"].values()
    assert {font["/BaseFont"].split("+")[1] for font in fonts} == {"Inter", "Inter-Semi-Bold"}
    assert all("/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts)


def test_a_value_that_is_missing_in_a_template_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("{{ _('Receipt') }} {{ 1250|money('CHF') }} {{ name }}")
    template = pdf.environment(tmp_path).get_template("x.html")
    with i18n.speaking("en"):
        assert template.render(name="<b>") == "Receipt CHF 12.50 &lt;b&gt;"
    with pytest.raises(Exception, match="'name' is undefined"):
        template.render()
