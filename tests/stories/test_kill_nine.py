"""Killed at twenty places between the reserved card and the receipt, the program goes on after its restart.

A real server kills itself (SIGKILL, its parent first) at the named place; somebody starts it again; the charger dials
again and the driver reloads. In the end there is one session, one capture, one receipt, and the books are balanced.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from billing.models import Charge, Document, LedgerEntry, LedgerPosting, Payment, SandboxCall, SandboxHold
from billing.values import DocumentKind, HoldState, PaymentState
from charging.models import ChargingSession
from charging.values import SessionState
from kit import db
from kit.events import OutboxRow
from tests.charger import IN_A_HURRY, Charger, charger, plan
from tests.stories.driver import Driver
from tests.stories.market import Market, market
from tests.stories.program import Program

T = TypeVar("T")
HURRY_S = 4.0
PATIENT_S = 10.0
LONGEST_S = 45.0
WITH_PDF = 10_000
PAYMENTS, SETTLEMENT = "billing.use_cases.payments", "billing.use_cases.settlement"

PLACES = (
    f"{PAYMENTS}.hold_taken:before_commit",  # the provider holds the money, we do not know
    f"{PAYMENTS}.hold_taken:committed",  # hold taken, start not sent
    "RemoteStartTransaction:marked",
    "RemoteStartTransaction:sent",
    "RemoteStartTransaction:answered",
    "StartTransaction:before_commit",
    "StartTransaction:stored",
    f"{SETTLEMENT}.attach_session:before_commit",
    "MeterValues:before_commit",
    "MeterValues:stored",
    f"{PAYMENTS}.stop_charging:committed",
    "RemoteStopTransaction:marked",
    "RemoteStopTransaction:sent",
    "StopTransaction:before_commit",
    "StopTransaction:stored",  # stop stored, not answered
    f"{SETTLEMENT}.settle_session:before_commit",
    f"{SETTLEMENT}.settle_session:committed",  # capture wanted, the provider not asked
    "capture:answered",  # captured at the provider, not posted
    f"{SETTLEMENT}.payment_captured:committed",  # posted, no letter
    "billing.use_cases.letters.note_letter:before_commit",  # the letter is out, we do not know
)


class Nurse:
    """Waits for the server's death and starts it again, once."""

    def __init__(self, patient: Program) -> None:
        self.patient = patient
        self.codes: list[int] = []
        self.orphans: list[str] = []
        self.healed_at: float | None = None
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._watch, name="nurse", daemon=True)
        self._thread.start()

    def done(self) -> None:
        """The server died and lives again."""
        self._thread.join(LONGEST_S)
        assert self.failure is None, self.failure
        assert not self._thread.is_alive(), f"it was never killed\n{self.patient.log()[-3000:]}"

    def _watch(self) -> None:
        try:
            self.codes.append(self.patient.wait_until_dead())
            self.orphans = self.patient.left_over()
            self.patient.start()
            self.healed_at = time.monotonic()
        except BaseException as failure:
            self.failure = failure


def rows(model: type[Any], *conditions: Any) -> list[Any]:
    """Rows as they stand now."""
    with db.transaction(writing=False) as unit:
        return list(unit.session.scalars(select(model).where(*conditions)))


def until(holds: Callable[[], T], patient: Program, *, seconds: float = LONGEST_S) -> T:
    """Wait for something to be true."""
    deadline = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < deadline, patient.log()[-4000:]
        time.sleep(0.1)
    return value


def soon(holds: Callable[[], object]) -> bool:
    """Whether it becomes true before a person loses patience."""
    deadline = time.monotonic() + HURRY_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def starts(box: Charger, nurse: Nurse) -> bool:
    """Whether the charger begins, before a driver whose page works again loses patience."""
    deadline = time.monotonic() + LONGEST_S
    while box.plug().transaction is None:
        alive_for = 0.0 if nurse.healed_at is None else time.monotonic() - nurse.healed_at
        if alive_for > PATIENT_S or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def charge_once(patient: Program, box: Charger, code: str, nurse: Nurse) -> None:
    """What the driver does, whatever happens behind the pages."""
    driver = Driver(patient.url)
    driver.scan(code)
    link = driver.pay()
    if not starts(box, nurse):  # the command was lost on its way: he gives up, gets everything back, and pays again
        driver.stop(link)
        until(lambda: driver.reads(link, "were released"), patient)
        driver.scan(code)
        link = driver.pay()
        box.wait_for(lambda: box.plug().transaction is not None, seconds=LONGEST_S)
    start_wh = box.plug().register_wh
    box.wait_for(lambda: box.plug().register_wh > start_wh + 300, seconds=LONGEST_S)
    until(lambda: driver.reads(link, "Charging since"), patient)
    driver.stop(link)
    if not soon(lambda: box.plug().transaction is None):
        box.unplug()


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """An installation that is killed again and again."""
    made = Program(tmp_path_factory.mktemp("kill") / "var", CRASH_FILE=str(tmp_path_factory.mktemp("crash") / "at"))
    try:
        made.start()
        yield made
        made.stop()
        assert made.left_over() == []
    finally:
        made.close()


@pytest.mark.parametrize("place", PLACES)
def test_killed_there_it_goes_on(place: str, patient: Program) -> None:
    shop = market()
    until(lambda: not rows(OutboxRow, OutboxRow.done_at.is_(None)), patient)
    letters_before = patient.letters()
    Path(patient.environ["CRASH_FILE"]).write_text(place, encoding="utf-8")
    nurse = Nurse(patient)
    plans = plan(shop.station.identity, shop.station.password)
    with charger(patient.socket_url, plans, habits=IN_A_HURRY) as box:
        charge_once(patient, box, shop.station.code, nurse)
        nurse.done()
        box.wait_until_told()
        until(lambda: rows(Payment, of(shop), Payment.state == PaymentState.CAPTURED), patient)
        until(lambda: not rows(OutboxRow, OutboxRow.done_at.is_(None)), patient)
    assert nurse.codes == [-signal.SIGKILL]
    assert nurse.orphans == []
    one_session_one_capture_one_receipt(shop, box)
    letters = [name for name in patient.letters() if name not in letters_before]
    assert [size_of(patient, name) > WITH_PDF for name in letters].count(True) == 1


def of(shop: Market) -> Any:
    """The payments of this station."""
    return Payment.connector_id == shop.station.connector.id


def size_of(patient: Program, letter: str) -> int:
    """The size of a letter in bytes."""
    return (patient.settings.mail_dir / letter).stat().st_size


def one_session_one_capture_one_receipt(shop: Market, box: Charger) -> None:
    """What stands in the books in the end."""
    (session,) = rows(ChargingSession, ChargingSession.connector_id == shop.station.connector.id)
    assert session.state is SessionState.ENDED
    assert session.meter_stop_wh == int(box.plug().register_wh)
    assert session.energy_wh == session.meter_stop_wh - session.meter_start_wh
    (payment,) = rows(Payment, of(shop), Payment.state == PaymentState.CAPTURED)
    assert rows(Payment, of(shop), Payment.id != payment.id, Payment.state != PaymentState.RELEASED) == []
    (charge,) = rows(Charge, Charge.session_id == session.id)
    (receipt,) = rows(Document, Document.session_id == session.id)
    assert receipt.kind is DocumentKind.RECEIPT
    assert (receipt.number, receipt.gross_minor, charge.gross_minor) == (1, payment.captured_minor, receipt.gross_minor)
    (taken,) = rows(SandboxHold, SandboxHold.payment_id == payment.id)
    assert (taken.state, taken.captured_minor) == (HoldState.CAPTURED, payment.captured_minor)
    assert rows(SandboxHold, SandboxHold.state == HoldState.HELD) == []
    assert len(rows(SandboxCall, SandboxCall.key == f"payment:{payment.id}:capture:v1")) == 1
    assert len(rows(LedgerEntry, LedgerEntry.payment_id == payment.id)) == 1
    with db.transaction(writing=False) as unit:
        assert unit.session.scalar(select(func.sum(LedgerPosting.amount_minor))) == 0
