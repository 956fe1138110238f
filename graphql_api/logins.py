"""The caller's own login: where it is in use, and what protects it. For people; a key has none."""

from datetime import datetime
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.devices import device_name
from accounts.presence import login_of
from accounts.values import LoginId, SignInMethod
from graphql_api.accounts import Done, DoneResult
from graphql_api.context import Info
from graphql_api.errors import refusable

strawberry.enum(SignInMethod, name="SignInMethod", description="How a person proved who they are.")


@strawberry.type(description="A browser in which the caller is signed in.")
class Login:
    """A login that is valid."""

    id: UUID
    device: str = strawberry.field(description="Browser and system, where they are known.")
    address: str = strawberry.field(description="The network address from which it was used last.")
    method: SignInMethod
    started_at: datetime
    last_used_at: datetime
    current: bool = strawberry.field(description="Whether this request was made in it.")


@strawberry.type(description="A passkey of the caller.")
class PasskeyFacts:
    """A passkey without its key."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


@strawberry.type(description="What is asked of the caller beside the password.")
class SecondFactor:
    """The second factor."""

    codes: bool = strawberry.field(description="Whether codes of an app are asked for.")
    passkeys: list[PasskeyFacts]
    recovery_codes_left: int


@strawberry.type
class LoginQueries:
    """Reading one's own login."""

    @strawberry.field(description="Where the caller is signed in, the login used last on top.")
    def logins(self, info: Info) -> list[Login]:
        """The caller's own logins."""
        here = login_of(info.context.actor)
        return [
            Login(
                id=row.id,
                device=device_name(row.agent),
                address=row.address,
                method=row.method,
                started_at=row.started_at,
                last_used_at=row.seen_at,
                current=row.id == here,
            )
            for row in queries.my_logins(info.context.actor)
        ]

    @strawberry.field(description="What protects the caller's login beside the password.")
    def second_factor(self, info: Info) -> SecondFactor:
        """The caller's own."""
        found = queries.my_second_factors(info.context.actor)
        return SecondFactor(
            codes=found.codes,
            passkeys=[PasskeyFacts(**vars(one)) for one in found.passkeys],
            recovery_codes_left=found.recovery_codes_left,
        )


@strawberry.type
class LoginMutations:
    """Proving who one is, ending logins."""

    @strawberry.mutation(
        description="Prove once more who the caller is, by the password. From the next request on and for ten minutes "
        "this login may do what is otherwise refused as `check_needed`. Staff with a passkey do it at `/me/check`."
    )
    @refusable
    def prove_identity(self, info: Info, password: str) -> DoneResult:
        """The person is still the same."""
        with info.context.counted_check():
            use_cases.check_password(info.context.actor, password=password)
        return Done()

    @strawberry.mutation(description="Sign out in one browser, at once.")
    @refusable
    def end_login(self, info: Info, id: UUID) -> DoneResult:
        """A login ended."""
        use_cases.end_login(info.context.actor, LoginId(id))
        return Done()

    @strawberry.mutation(description="Sign out everywhere but in the login of this request.")
    @refusable
    def end_other_logins(self, info: Info) -> DoneResult:
        """All others ended."""
        use_cases.end_other_logins(info.context.actor)
        return Done()
