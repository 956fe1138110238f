"""A form as it was sent: texts become values here, the use case judges them, problems stand at their fields."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from flask import request

from kit.errors import Invalid

E = TypeVar("E", bound=Enum)


class Form:
    """What a page shows in its fields: what was just sent, else `defaults`.

    A view: `form = Form(name=row.name)`; `if form.sent:` then `with form.checking(): use_case(name=form.text("name"))`;
    `if form.done: return go(...)`; at last `return page(..., form=form, status=form.status)`.
    """

    def __init__(self, **defaults: Any) -> None:
        self.sent = request.method == "POST"
        self.done = False
        self.problems: dict[str, str] = {}
        self._defaults = defaults

    @classmethod
    def unsent(cls) -> "Form":
        """An empty one, on the answer to another form."""
        form = cls()
        form.sent = False
        return form

    @contextmanager
    def checking(self) -> Iterator[None]:
        """Run the deed; a refusal of its input becomes problems at the fields, `done` says that all went well."""
        try:
            yield
            self.done = True
        except Invalid as refused:
            self.problems.update(refused.fields)

    @property
    def status(self) -> int:
        """422 for a form with problems, so that programs and HTMX notice."""
        return 422 if self.problems else 200

    @property
    def names(self) -> set[str]:
        """The fields that were sent."""
        return set(request.form)

    def value(self, name: str) -> str:
        """The text in a field."""
        if self.sent:
            return request.form.get(name, "")
        value = self._defaults.get(name)
        return str(value.value if isinstance(value, Enum) else value) if value is not None else ""

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return name in request.form if self.sent else bool(self._defaults.get(name))

    def text(self, name: str) -> str:
        """A text without blanks around it; the use case says whether it may be empty."""
        return request.form.get(name, "").strip()

    def optional(self, name: str) -> str | None:
        """A text, or None when nothing was entered."""
        return self.text(name) or None

    def whole(self, name: str) -> int:
        """A whole number."""
        text = self.text(name).replace("'", "").replace("’", "")
        try:
            return int(text)
        except ValueError as error:
            raise Invalid(**{name: "not_whole" if text else "required"}) from error

    def seconds(self, name: str) -> timedelta:
        """So many seconds; as many as there are in thirty years where it is more, which is too long for everything."""
        return timedelta(seconds=min(self.whole(name), 10**9))

    def decimal(self, name: str) -> Decimal:
        """An exact number; a comma is taken for a point."""
        text = self.text(name).replace("'", "").replace("’", "").replace(",", ".")
        try:
            value = Decimal(text)
        except InvalidOperation as error:
            raise Invalid(**{name: "not_a_number" if text else "required"}) from error
        if not value.is_finite() or abs(value) >= 10**12:
            raise Invalid(**{name: "not_a_number"})
        return value

    def choice(self, name: str, enum: type[E]) -> E:
        """A member of an enum, by its value."""
        try:
            return enum(self.text(name))
        except ValueError as error:
            raise Invalid(**{name: "unknown"}) from error
