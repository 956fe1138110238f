"""Labels of the plugs: what they say, who may print them, and that their code leads to the right page."""

import io
import re
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from accounts.rights import Role
from kit import db, i18n, settings
from kit.errors import NotFound
from kit.ids import new_id
from kit.settings import Settings
from stations.labels import LabelFile, connector_label, render_html, station_labels
from stations.models import Connector
from stations.queries.labels import label_of, labels_of
from tests.billing.rows import Operator, add_operator

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    settings.use(Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path), "PUBLIC_URL": "https://laden.example"}))


def code_of(connector_id: UUID) -> str:
    with db.transaction(writing=False) as unit:
        return unit.session.get_one(Connector, connector_id).code or ""


def add_plug(operator: Operator, number: int, *, code: str | None, name: str = "") -> UUID:
    plug = Connector(
        id=new_id(),
        account_id=operator.account_id,
        station_id=operator.station_id,
        number=number,
        code=code,
        name=name,
    )
    with db.transaction(writing=True) as unit:
        unit.session.add(plug)
    return plug.id


def words(file: LabelFile) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(io.BytesIO(file.content)).pages]


def test_a_label_names_operator_place_number_and_address() -> None:
    operator = add_operator()
    code = code_of(operator.connector_id)
    file = connector_label(operator.actor(Role.VIEWER), operator.connector_id)
    [page] = words(file)
    for each in (
        "Immobilien Muster AG",
        f"{code[:3]} {code[3:]}",
        f"laden.example/q/{code}",
        "Tiefgarage A · Platz 17",
        "Scan, pay, charge",
    ):
        assert each in page
    assert file.name == f"label-{code}.pdf"
    box = PdfReader(io.BytesIO(file.content)).pages[0].mediabox
    assert [round(float(side) * 25.4 / 72) for side in (box.width, box.height)] == [74, 105]


def test_the_code_leads_to_the_page_of_the_connector() -> None:
    operator = add_operator()
    drawn = str(label_of(operator.actor(Role.OWNER), operator.connector_id).code)
    expected = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    expected.add_data(f"https://laden.example/q/{code_of(operator.connector_id)}")
    expected.make(fit=True)
    matrix = expected.get_matrix()
    dark = {
        (int(y), column)
        for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", drawn)
        for column in range(int(x), int(x) + int(length))
    }
    assert dark == {(y, x) for y, x in product(range(len(matrix)), repeat=2) if matrix[y][x]}


def test_a_station_prints_all_its_plugs_on_one_sheet() -> None:
    operator = add_operator()
    owner = operator.actor(Role.OWNER)
    add_plug(operator, 0, code=None)
    for number in (2, 3, 4, 5):
        add_plug(operator, number, code=f"{operator.connector_id.int % 1000:03d}000{number}")
    labels = labels_of(owner, operator.station_id)
    assert [label.connector for label in labels] == ["Platz 17", *(f"Connector {number}" for number in (2, 3, 4, 5))]
    pages = words(station_labels(owner, operator.station_id))
    assert [page.count("laden.example/q/") for page in pages] == [4, 1]


def test_every_language_calls_to_scan_and_pay() -> None:
    operator = add_operator()
    html = render_html(labels_of(operator.actor(Role.OWNER), operator.station_id), sheet=False)
    assert re.findall(r'<span lang="(..)">', html) == list(i18n.LANGUAGES)


def test_names_are_text_and_never_markup() -> None:
    operator = add_operator(legal_name="<script>alert(1)</script> AG")
    html = render_html(labels_of(operator.actor(Role.OWNER), operator.station_id), sheet=True)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_only_who_sees_the_station_prints_its_labels() -> None:
    operator, other = add_operator(), add_operator()
    stranger = other.actor(Role.OWNER)
    with pytest.raises(NotFound):
        connector_label(stranger, operator.connector_id)
    with pytest.raises(NotFound):
        station_labels(stranger, operator.station_id)
    with pytest.raises(NotFound):
        connector_label(operator.actor(Role.OWNER), add_plug(operator, 0, code=None))
