"""Letters, over a real mail server and into files."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from kit import mail
from tests import make
from tests.databases import free_port


class Inbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  # its name
        """aiosmtpd: a letter came."""
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def _only_the_right_password(
    _server: object, _session: object, _envelope: object, _how: str, given: object
) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"robot", b"p@ss word")
    return AuthResult(success=right, handled=False)


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    kept, port = Inbox(), free_port()
    server = Controller(
        kept,
        hostname="127.0.0.1",
        port=port,
        authenticator=_only_the_right_password,
        auth_require_tls=False,
        auth_required=True,
    )
    server.start()
    yield kept, port
    server.stop()


def test_a_letter_arrives_by_smtp_with_its_attachment(inbox: tuple[Inbox, int], tmp_path: Path) -> None:
    kept, port = inbox
    make.settings_for(tmp_path, SMTP_URL=f"smtp://robot:p%40ss%20word@127.0.0.1:{port}", MAIL_FROM="a@platform.example")
    pdf = mail.Attachment("Quittung 17.pdf", "application/pdf", b"%PDF-1.7")
    mail.send("nina@example.org", "Ihre Quittung –\nZürich", "Grüezi\n", key="0190-receipt", attachments=[pdf])
    [letter] = kept.letters
    assert letter["To"] == "nina@example.org"
    assert letter["From"] == "Charging Platform <a@platform.example>"
    assert letter["Subject"] == "Ihre Quittung – Zürich"
    assert letter["Message-ID"] == "<0190-receipt@platform.example>"
    text, attached = letter.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(attached, EmailMessage)
    assert text.get_content() == "Grüezi\r\n"
    assert (attached.get_filename(), attached.get_content()) == ("Quittung 17.pdf", b"%PDF-1.7")


def test_a_wrong_password_is_a_refusal_that_can_be_tried_again(inbox: tuple[Inbox, int], tmp_path: Path) -> None:
    kept, port = inbox
    make.settings_for(tmp_path, SMTP_URL=f"smtp://robot:wrong@127.0.0.1:{port}")
    with pytest.raises(mail.MailRefused):
        mail.send("nina@example.org", "Hello", "Hello\n")
    assert kept.letters == []


def test_a_server_that_is_not_there_is_a_refusal(tmp_path: Path) -> None:
    make.settings_for(tmp_path, SMTP_URL=f"smtp://127.0.0.1:{free_port()}")
    with pytest.raises(mail.MailRefused):
        mail.send("nina@example.org", "Hello", "Hello\n")


def test_without_a_server_letters_are_files_that_can_be_read(tmp_path: Path) -> None:
    make.settings_for(tmp_path)
    pdf = mail.Attachment("a.pdf", "application/pdf", b"%PDF")
    mail.send("nina@example.org", "First", "Hello Nina\n")
    mail.send("otto@example.org", "Second", "Hello Otto\n", attachments=[pdf])
    newest, first = sorted(mail.letters(), key=lambda letter: letter.subject, reverse=True)
    assert (first.to, first.text, list(first.attachments)) == ("nina@example.org", "Hello Nina\n", [])
    assert list(newest.attachments) == [pdf]
    assert mail.letter(first.name) == first
    assert mail.letter("../secret_key") is None


def test_the_same_letter_sent_twice_carries_the_same_id(tmp_path: Path) -> None:
    make.settings_for(tmp_path)
    for _ in range(2):
        mail.send("nina@example.org", "Receipt", "Once\n", key="receipt:0190 12:30")
    files = list((tmp_path / "mail").iterdir())
    assert {line for file in files for line in file.read_text().splitlines() if line.startswith("Message-ID")} == {
        "Message-ID: <receipt-0190-12-30@demo.example>"
    }


def test_a_subject_can_not_smuggle_a_header(tmp_path: Path) -> None:
    make.settings_for(tmp_path)
    mail.send("nina@example.org", "Hello\r\nBcc: everybody@example.org", "Hello\n")
    [file] = (tmp_path / "mail").iterdir()
    assert "\nBcc:" not in file.read_text()
