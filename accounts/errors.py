"""The refusals of this room."""

from kit.errors import Conflict, Forbidden, Invalid


class WrongLogin(Invalid):
    """E-mail and password do not fit together; it is not said which one is wrong."""

    def __init__(self, field: str = "password") -> None:
        super().__init__(**{field: "wrong_login"})


class NotConfirmed(Conflict):
    """The password is right, but the e-mail address was never confirmed."""

    code = "not_confirmed"


class LastOwner(Conflict):
    """Somebody must remain who may do everything in the account."""

    code = "last_owner"


class MoreThanOneHolds(Forbidden):
    """Nobody gives a role with rights that they do not hold themselves."""

    code = "more_than_one_holds"


class NotAMaster(Conflict):
    """Only a master account holds properties."""

    code = "not_a_master"


class CheckNeeded(Conflict):
    """For this the person has to prove once more who they are."""

    code = "check_needed"
