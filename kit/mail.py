"""Letters to people: by SMTP, or as .eml files in the demo. Sent from reactions and jobs, never inside a request.

SMTP_URL: `smtp://user:password@host:587?starttls=1`, or `smtps://…` for TLS from the first byte.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import structlog

from kit import clock, settings
from kit.errors import Unavailable
from kit.ids import secret_hex

TIMEOUT_S = 20.0
log = structlog.get_logger()


class MailRefused(Unavailable):
    """The mail server did not take the letter; the reaction is tried again later."""

    code = "mail_refused"


@dataclass(frozen=True)
class Attachment:
    """A file in a letter; `kind` is its media type, for example `application/pdf`."""

    name: str
    kind: str
    content: bytes


def send(to: str, subject: str, text: str, *, key: str | None = None, attachments: Sequence[Attachment] = ()) -> None:
    """Send one letter now. The same `key` (an event's or row's id) gives the same Message-ID, so that a letter sent
    twice after a crash is shown once. Raises MailRefused.
    """
    message = compose(to, subject, text, key=key, attachments=attachments)
    smtp_url = settings.current().smtp_url
    if smtp_url is None:
        _write(message)
    else:
        _deliver(smtp_url, message)
    log.info("mail", message_id=message["Message-ID"], bytes=len(bytes(message)))


def compose(to: str, subject: str, text: str, *, key: str | None, attachments: Sequence[Attachment]) -> EmailMessage:
    """The letter as it goes out."""
    chosen = settings.current()
    name, address = parseaddr(chosen.mail_from)
    message = EmailMessage()
    message["From"] = formataddr((name or chosen.brand_name, address))
    message["To"] = to
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(clock.now())
    name_of_letter = re.sub(r"[^\w.-]", "-", key or secret_hex(16), flags=re.ASCII)  # a colon would end it
    message["Message-ID"] = f"<{name_of_letter}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    for attachment in attachments:
        main, _, sub = attachment.kind.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return message


def _deliver(smtp_url: str, message: EmailMessage) -> None:
    parts = urlsplit(smtp_url)
    assert parts.hostname
    starttls = parse_qs(parts.query).get("starttls", ["0"])[0] == "1"
    trusted = ssl.create_default_context()
    server: smtplib.SMTP
    try:
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TIMEOUT_S, context=trusted)
        else:
            server = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=TIMEOUT_S)
        with server:
            if starttls:
                server.starttls(context=trusted)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise MailRefused() from error


def _write(message: EmailMessage) -> None:
    folder = settings.current().mail_dir
    folder.mkdir(parents=True, exist_ok=True)
    reference = str(message["Message-ID"]).strip("<>").partition("@")[0]
    path = folder / f"{clock.now():%Y%m%dT%H%M%S%f}-{reference[-40:]}.eml"
    path.write_bytes(bytes(message))


@dataclass(frozen=True)
class Letter:
    """A letter in the demo's mail folder; `name` is its file."""

    name: str
    to: str
    subject: str
    sent: str
    text: str
    attachments: Sequence[Attachment]


def letters(limit: int = 100) -> list[Letter]:
    """The newest letters of the demo, newest first."""
    files = sorted(settings.current().mail_dir.glob("*.eml"), reverse=True)
    return [_read(path) for path in files[:limit]]


def letter(name: str) -> Letter | None:
    """One letter of the demo by its file name."""
    path = settings.current().mail_dir / Path(name).name
    return _read(path) if path.suffix == ".eml" and path.is_file() else None


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    attachments = [_attached(part) for part in message.iter_attachments()]
    text = body.get_content() if body else ""
    return Letter(path.name, message["To"], message["Subject"], message["Date"], text, attachments)


def _attached(part: EmailMessage) -> Attachment:
    content = part.get_content()
    raw = content.encode() if isinstance(content, str) else bytes(content)
    return Attachment(part.get_filename() or "file", part.get_content_type(), raw)
