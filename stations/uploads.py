"""Files that arrive: judged first, then received from the network outside of any transaction, then noted."""

from contextlib import suppress
from typing import Any

from accounts.access import ANYONE, Actor
from accounts.values import AccountId
from kit import files, settings
from kit.errors import Invalid, Unavailable
from kit.files import Readable
from stations.file_addresses import UPLOAD, read_address
from stations.models import FileJob, Firmware
from stations.queries import may_add_firmware, upload_open
from stations.use_cases import add_firmware, store_upload

MB = 1024 * 1024


def take_upload(address: str, stream: Readable, name: str = "", length: int | None = None) -> FileJob:
    """A station sends the file of a job. `name` is the form's, where the address carries none; `length` is how many
    bytes were promised.

    Raises NotFound, Conflict(`address_expired`), TooLarge, Invalid(file=) for an empty or incomplete one.
    """
    upload_open(ANYONE, address)
    _, appended = read_address(UPLOAD, address)
    stored = files.receive(stream, most=settings.current().upload_most_mb * MB)
    try:
        if stored.size == 0:
            raise Invalid(file="required")
        if length is not None and stored.size != length:
            raise Invalid(file="incomplete")
        return store_upload(ANYONE, address, stored, (appended or name).rpartition("/")[2])
    except BaseException:
        with suppress(Unavailable):  # then it is removed by the clock
            files.drop(stored.key)
        raise


def take_firmware(actor: Actor, account_id: AccountId, stream: Readable, name: str, **facts: Any) -> Firmware:
    """Somebody adds a firmware with its file; `facts` as `add_firmware` takes them."""
    may_add_firmware(actor, account_id)
    stored = files.receive(stream, most=settings.current().firmware_most_mb * MB)
    try:
        if stored.size == 0:
            raise Invalid(file="required")
        return add_firmware(actor, account_id, stored=stored, file_name=name, **facts)
    except BaseException:
        with suppress(Unavailable):  # then it is removed by the clock
            files.drop(stored.key)
        raise
