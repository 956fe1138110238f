"""A property changes hands."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from accounts.values import AccountId
from graphql_api.accounts import DoneResult, done
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from handovers import queries, use_cases
from handovers.values import HandOverId, HandOverState, Part

if TYPE_CHECKING:
    from handovers.models import HandOver as Row

strawberry.enum(
    HandOverState,
    name="HandOverState",
    description="REQUESTED waits for the old owner's mail, OFFERED for the new owner, AGREED for its day.",
)
strawberry.enum(Part, name="HandOverPart", description="What goes along with an account, or ends.")


@strawberry.type(description="So many of something, with the names of some of them.")
class HandOverItem:
    """A line of a list."""

    part: Part
    count: int
    names: list[str]


@strawberry.type(description="What a hand-over would do now. `running`: sessions that would end under the old owner.")
class HandOverPreview:
    """Both lists."""

    goes: list[HandOverItem]
    ends: list[HandOverItem]
    running: int


@strawberry.type(description="A property on its way from one owner to another.")
class HandOver:
    """A hand-over."""

    id: UUID
    account_id: UUID
    archive_id: UUID | None = strawberry.field(description="The account in which the old owner finds his own period.")
    state: HandOverState
    email: str = strawberry.field(description="The new owner's.")
    requested_at: datetime
    due_at: datetime | None = strawberry.field(description="Not before; null: as soon as both have agreed.")
    expires_at: datetime
    old_agreed_at: datetime | None
    new_agreed_at: datetime | None
    ended_at: datetime | None
    protocol_url: str | None = strawberry.field(description="The PDF, for the same key or login.")
    history_url: str | None = strawberry.field(description="The old owner's sessions as CSV, for him.")


HandOverResult = Annotated[HandOver | Problem, strawberry.union("HandOverResult")]


@strawberry.type
class HandOverQueries:
    """Reading hand-overs."""

    @strawberry.field(description="What would go along with a property now, and what would end.")
    def hand_over_preview(self, info: Info, account_id: UUID) -> HandOverPreview:
        """Both lists."""
        found = queries.preview(info.context.actor, AccountId(account_id))
        lists = {
            name: [HandOverItem(part=item.part, count=item.count, names=list(item.names)) for item in items]
            for name, items in (("goes", found.goes), ("ends", found.ends))
        }
        return HandOverPreview(running=found.running, **lists)

    @strawberry.field(description="Of an account, or of the one in which its old owner looks back; the newest first.")
    def hand_overs(self, info: Info, account_id: UUID) -> list[HandOver]:
        """What was, and what is under way."""
        return [_shown(info, row) for row in queries.hand_overs(info.context.actor, AccountId(account_id))]


@strawberry.type
class HandOverMutations:
    """From the wish to the consent."""

    @strawberry.mutation(
        description="Name the new owner of a property; for its owner, signed in and checked within the last ten "
        "minutes. `on`: the day from whose beginning it is theirs. A mail asks to confirm it."
    )
    @refusable
    def request_hand_over(
        self, info: Info, account_id: UUID, email: str, name: str = "", on: date | None = None
    ) -> HandOverResult:
        """A wish."""
        actor = info.context.actor
        return _shown(info, use_cases.request_hand_over(actor, AccountId(account_id), email=email, name=name, on=on))

    @strawberry.mutation(description="Confirm it as the old owner, by the last part of the mailed link.")
    @refusable
    def confirm_hand_over(self, info: Info, link: str) -> HandOverResult:
        """The old owner means it."""
        return _shown(info, use_cases.confirm_hand_over(info.context.actor, link))

    @strawberry.mutation(description="Undo it, as long as the new owner has not accepted.")
    @refusable
    def cancel_hand_over(self, info: Info, id: UUID) -> HandOverResult:
        """Nothing changes."""
        return _shown(info, use_cases.cancel_hand_over(info.context.actor, HandOverId(id)))

    @strawberry.mutation(
        description="Accept an account by the last part of the mailed link, as the person whose address was named. "
        "Whoever has no login yet opens the link in a browser."
    )
    @refusable
    def accept_hand_over(self, info: Info, link: str) -> HandOverResult:
        """The new owner agrees."""
        return _shown(info, use_cases.accept_hand_over(info.context.actor, link))

    @strawberry.mutation(description="Decline an account by the last part of the mailed link.")
    @refusable
    def decline_hand_over(self, info: Info, link: str) -> DoneResult:
        """The new owner does not want it."""
        use_cases.decline_hand_over(info.context.actor, link)
        return done()


_COPIED = ("id", "account_id", "archive_id", "state", "email", "requested_at", "due_at", "expires_at")


def _shown(info: Info, row: "Row") -> HandOver:
    copied = {name: getattr(row, name) for name in (*_COPIED, "old_agreed_at", "new_agreed_at", "ended_at")}
    there = f"{info.context.settings.public_url}/hand-overs/{row.id}" if row.archive_id else None
    return HandOver(
        **copied,
        protocol_url=there and f"{there}/protocol.pdf",
        history_url=there and f"{there}/sessions.csv",
    )
