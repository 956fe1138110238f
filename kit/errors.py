"""The refusals that every surface knows how to show. Raised in rooms, translated once per surface."""


class AppError(Exception):
    """A refusal that a user may read. `code` is stable and travels to programs; people get words from the surface."""

    status = 500
    code = "error"

    def __init__(self, code: str | None = None, **details: str) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.details = details


class NotFound(AppError):
    """The thing does not exist, or not for this actor."""

    status, code = 404, "not_found"


class Forbidden(AppError):
    """The actor sees the thing but lacks the right named in `right`."""

    status, code = 403, "forbidden"

    def __init__(self, right: str = "") -> None:
        super().__init__(None, right=right)
        self.right = right


class Invalid(AppError):
    """Input that can't be taken: one code per field, for example `Invalid(name="too_long")`."""

    status, code = 422, "invalid"

    def __init__(self, **fields: str) -> None:
        super().__init__("invalid", **fields)
        self.fields = fields


class Conflict(AppError):
    """The deed contradicts the present state; `code` says how."""

    status, code = 409, "conflict"


class Unavailable(AppError):
    """Something outside does not answer; the same call may go through later."""

    status, code = 503, "unavailable"
