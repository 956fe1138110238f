"""The reviewer of pages finds what it is there for."""

import pytest

from tests.browser import review

GOOD = """<!doctype html><html lang="de"><head><title>Laden</title><script src="/static/app.js"></script></head>
<body><h1>Laden</h1><form><label for="mail">E-Mail</label><input id="mail" name="mail">
<label>Ort <input name="city"></label><input type="hidden" name="token"><button type="submit">Los</button></form>
<svg><title>Blitz</title></svg><img src="a.png" alt=""></body></html>"""


def test_a_good_page_passes() -> None:
    read = review(GOOD)
    assert read.faults == ()
    assert read.language == "de"
    assert read.text.startswith("Laden Laden E-Mail")


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<h1>Laden</h1>", "", "0 main headings"),
        ("<h1>Laden</h1>", "<h1>Laden</h1><h1>Noch eins</h1>", "2 main headings"),
        ("<title>Laden</title>", "", "no title"),
        ('lang="de"', "", "the page speaks ''"),
        (' for="mail"', "", "a field without a label: mail"),
        (' alt=""', "", "a picture without words: a.png"),
        ("</body>", "<script>alert(1)</script></body>", "an inline script"),
        ("<h1>", '<h1 onclick="x()">', "<h1 onclick=…>: nothing inline, the policy of the page forbids it"),
        ("/static/app.js", "https://cdn.example/app.js", "a script from elsewhere: https://cdn.example/app.js"),
        ("<h1>Laden", "<h1>Laden %(name)s", "a placeholder is left: %(name)s"),
        ("<form>", '<form id="mail">', "two elements with the id mail"),
        ('<button type="submit">', "<button>", "a button that does not say whether it sends"),
    ],
)
def test_a_fault_is_named(before: str, after: str, fault: str) -> None:
    assert before in GOOD
    assert review(GOOD.replace(before, after)).faults == (fault,)
