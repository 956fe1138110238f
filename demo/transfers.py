"""How a virtual station sends files and installs firmware: really, over HTTP, each step told as it happens."""

import asyncio
import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ocpp.v16 import call

from demo.plugs import instant
from kit import clock
from stations.firmware_signature import signature_fits

if TYPE_CHECKING:
    from demo.station import VirtualStation

TRIES, PATIENCE_S = 3, 30.0
_VERSION = re.compile(rb"version[ =:]+([0-9][\w.+-]*)", re.IGNORECASE)
Tell = Callable[[str], None]


def diagnostics_name(station: "VirtualStation") -> str:
    """What the station calls its next file."""
    return f"{station.plan.identity}-{clock.now():%Y%m%d-%H%M%S}.log"


def tell_diagnostics(station: "VirtualStation") -> Tell:
    """Steps of GetDiagnostics."""
    return lambda status: station.post(lambda: call.DiagnosticsStatusNotification(status=status), kept=True)


def tell_log(station: "VirtualStation", request_id: int) -> Tell:
    """Steps of GetLog."""
    return lambda status: station.post(
        lambda: call.LogStatusNotification(status=status, request_id=request_id), kept=True
    )


def tell_firmware(station: "VirtualStation", request_id: int | None = None) -> Tell:
    """Steps of UpdateFirmware, or with a number those of SignedUpdateFirmware."""
    if request_id is None:
        return lambda status: station.post(lambda: call.FirmwareStatusNotification(status=status), kept=True)
    return lambda status: station.post(
        lambda: call.SignedFirmwareStatusNotification(status=status, request_id=request_id), kept=True
    )


async def send_file(station: "VirtualStation", location: str, name: str, tell: Tell, failed: str) -> None:
    """Write down the last frames and send them to the address, trying again a few times."""
    tell("Uploading")
    await _heard(station)
    lines = [f"{instant(clock.now())} {station.plan.vendor} {station.plan.model} {station.firmware}"]
    lines += [f"{direction:3} {text}" for direction, text in station.frames]
    request = urllib.request.Request(  # noqa: S310  # the platform's own address
        f"{location.rstrip('/')}/{name}", "\n".join(lines).encode(), {"Content-Type": "text/plain"}, method="PUT"
    )
    tell("Uploaded" if await _fetched(station, request) is not None else failed)


async def install(station: "VirtualStation", location: str, tell: Tell, proof: dict[str, Any] | None = None) -> None:
    """Fetch, check, install, restart with the version that the file names."""
    tell("Downloading")
    await _heard(station)
    content = await _fetched(station, urllib.request.Request(location))  # noqa: S310  # the platform's own address
    if content is None:
        tell("DownloadFailed")
        return
    tell("Downloaded")
    if proof is not None:
        digest = hashlib.sha256(content).hexdigest()
        if not signature_fits(digest, str(proof["signature"]), str(proof["signing_certificate"])):
            tell("InvalidSignature")
            return
        tell("SignatureVerified")
    tell("Installing")
    await asyncio.sleep(station.habits.restart_takes)
    found = _VERSION.search(content[:4096])
    if found is None:
        tell("InstallationFailed")
        return
    station.new_firmware(found.group(1).decode("ascii"))
    station.restart("Soft")
    while station.settled:
        await asyncio.sleep(0.1)
    while not station.settled:
        await asyncio.sleep(0.1)
    tell("Installed")


async def _heard(station: "VirtualStation") -> None:
    """Until the platform knows what was told, so that steps stand in their order."""
    while not station.all_told:
        await asyncio.sleep(0.02)


async def _fetched(station: "VirtualStation", request: urllib.request.Request) -> bytes | None:
    for attempt in range(TRIES):
        try:
            return await asyncio.to_thread(_exchanged, request)
        except (OSError, urllib.error.URLError):
            await asyncio.sleep(attempt * station.habits.first_pause)
    return None


def _exchanged(request: urllib.request.Request) -> bytes:
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310  # as above
        content: bytes = answer.read()
        return content
