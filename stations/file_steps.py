"""What the words of stations about files mean, however they are spelt. Pure."""

from kit.spelling import plain
from stations.values import FileJobState

_RUNNING = (
    "Uploading",
    "Downloading",
    "Downloaded",
    "DownloadScheduled",
    "DownloadPaused",
    "Installing",
    "InstallRebooting",
    "InstallScheduled",
    "SignatureVerified",
)
_DONE = ("Uploaded", "Installed")
_FAILED = (
    "UploadFailed",
    "UploadFailure",
    "BadMessage",
    "NotSupportedOperation",
    "PermissionDenied",
    "DownloadFailed",
    "InstallationFailed",
    "InstallVerificationFailed",
    "InvalidSignature",
    "InvalidCertificate",
    "RevokedCertificate",
)
_STATES = {
    plain(word): state
    for words, state in ((_RUNNING, FileJobState.RUNNING), (_DONE, FileJobState.DONE), (_FAILED, FileJobState.FAILED))
    for word in words
}


def state_after(state: FileJobState, status: str) -> FileJobState:
    """Where a job stands after a station said this. A good end is final; a bad one is not, since stations try again.

    Words without a meaning of their own (`Idle`, a vendor's) change nothing.
    """
    if state in (FileJobState.DONE, FileJobState.REPLACED):
        return state
    return _STATES.get(plain(status), state)
