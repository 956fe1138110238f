"""The refusals of this room."""

from collections.abc import Sequence
from uuid import UUID

from accounts.functions import Function
from kit.errors import AppError, Conflict, Forbidden, Invalid, Unavailable


class WrongLogin(Invalid):
    """E-mail and password do not fit together; it is not said which one is wrong."""

    def __init__(self, field: str = "password") -> None:
        super().__init__(**{field: "wrong_login"})


class NotConfirmed(Conflict):
    """The password is right, but the e-mail address was never confirmed."""

    code = "not_confirmed"


class OtherRequest(Conflict):
    """The idempotency key was used for a request with other content."""

    code = "other_request"


class ListEmpty(Conflict):
    """A client that may send only the queries on its list needs one there."""

    code = "list_empty"


class LastOwner(Conflict):
    """Somebody must remain who may do everything in the account."""

    code = "last_owner"


class OnlyOwner(Conflict):
    """The person is the only owner of these accounts: they need another one first, or have to be closed."""

    code = "only_owner"

    def __init__(self, accounts: Sequence[str]) -> None:
        super().__init__(None, accounts=", ".join(accounts))


class IsStaff(Conflict):
    """Whoever runs the platform is first made an ordinary person by somebody else who does."""

    code = "is_staff"


class MoreThanOneHolds(Forbidden):
    """Nobody gives a role with rights that they do not hold themselves."""

    code = "more_than_one_holds"


class BelowItself(Conflict):
    """An account can't stand below one that stands below it."""

    code = "below_itself"


class OtherPerson(Forbidden):
    """The invitation went to another address than that of the person who is signed in."""

    code = "other_person"


class NotAMaster(Conflict):
    """Only a master account holds properties."""

    code = "not_a_master"


class NoPlaceBeside(Conflict):
    """The actor may add nothing to the master above, and is no person who could own an account by itself."""

    code = "no_place_beside"


class CheckNeeded(Conflict):
    """For this the person has to prove once more who they are."""

    code = "check_needed"


class PersonNeeded(Conflict):
    """Only a person can do this, who is signed in and has just proved once more who they are; a key never can."""

    code = "person_needed"


class WrongCode(Invalid):
    """The code is not right, too old, or was used before."""

    def __init__(self) -> None:
        super().__init__(one_time_code="wrong_code")


class PasskeyRefused(Conflict):
    """The answer of a passkey does not fit: unknown, for another question, or not signed rightly."""

    code = "passkey_refused"


class LastPasskey(Conflict):
    """Staff of the platform sign in by passkey; the last one stays."""

    code = "last_passkey"


class ProviderSilent(Unavailable):
    """The company's own sign-in does not answer."""

    code = "sign_in_silent"


class ProviderRefused(Conflict):
    """The company's own sign-in said no, or something that can't be believed."""

    code = "sign_in_refused"


class NotVouchedFor(Conflict):
    """The company's own sign-in names somebody whom it can't let in here; `code` says why."""


class NotSwitchedOn(Conflict):
    """The function is there, but the platform's staff has not switched it on for this account."""

    code = "not_switched_on"

    def __init__(self, flag: str) -> None:
        super().__init__(None, flag=flag)


class LicenceNeeded(AppError):
    """The right is there, but the function is in a plan that the account (or the station) does not have."""

    status, code = 402, "needs_licence"

    def __init__(self, function: Function, account_id: UUID, station_id: UUID | None = None) -> None:
        details = {"function": function.value, "account_id": str(account_id)}
        super().__init__(**details, **({} if station_id is None else {"station_id": str(station_id)}))
        self.function, self.account_id, self.station_id = function, account_id, station_id
