"""Who may do what, and why: roles given and held, own roles, groups of stations."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Annotated
from uuid import UUID

import strawberry

from accounts import queries, use_cases
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.values import AccountId, OwnRoleId, StationGroupId
from graphql_api.accounts import AccountDetails, AccountResult, DoneResult, details_of, done
from graphql_api.connections import Connection, connection, name_cursor, named, newest_first, page_size, read_cursor
from graphql_api.context import Info
from graphql_api.errors import Problem, refusable
from kit.errors import Invalid
from stations import queries as station_queries
from stations import use_cases as station_use_cases
from stations.values import StationId

strawberry.enum(queries.GrantState, name="GrantState", description="Whether a role counts, has ended, or was taken.")


@strawberry.type(description="A ready role with its rights as `noun:verb`.")
class ReadyRole:
    """A line of the policy."""

    role: Role
    rights: list[str]


@strawberry.type(description="A role that an account put together itself.")
class OwnRole:
    """Rights with a name."""

    id: UUID
    account_id: UUID
    name: str
    rights: list[str]


@strawberry.type(description="Stations of an account and of those below it on which roles can count.")
class StationGroup:
    """A group."""

    id: UUID
    account_id: UUID
    name: str
    stations: int


@strawberry.type(description="A role given on an account, to a person or to a company (another account).")
class GivenRole:
    """A grant."""

    grant_id: UUID
    account_id: UUID
    account: str
    user_id: UUID | None
    holder_id: UUID | None = strawberry.field(description="The account that it was given to; its people act by it.")
    who: str
    email: str | None
    role: Role | None
    own_role: str | None
    rights: list[str]
    station_id: UUID | None = strawberry.field(description="Only this station; null: no such limit.")
    group_id: UUID | None = strawberry.field(description="Only this group of stations; null: no such limit.")
    group: str | None
    by: str | None = strawberry.field(description="Who gave it; null where nobody in particular did.")
    granted_at: datetime
    ends_at: datetime | None
    last_used_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    state: queries.GrantState
    needed: bool = strawberry.field(
        description="It can't be taken back, as nobody else owns the account; told by `rolesGiven` and `myRoles`."
    )


@strawberry.type(description="How somebody comes to do something: by a role there, by one through a company, by a key.")
class Way:
    """A path from a person or a program to a right."""

    who: str
    user_id: UUID | None
    token_id: UUID | None
    rights: list[str]
    role: GivenRole | None = strawberry.field(description="The person's own role; null for keys of programs.")
    through: GivenRole | None = strawberry.field(description="The role of the company by which the person acts here.")


OwnRoleResult = Annotated[OwnRole | Problem, strawberry.union("OwnRoleResult")]
StationGroupResult = Annotated[StationGroup | Problem, strawberry.union("StationGroupResult")]


@strawberry.type
class GrantQueries:
    """Reading who may do what."""

    @strawberry.field(description="The ready roles with their rights: the whole policy.")
    def ready_roles(self, info: Info) -> list[ReadyRole]:
        """One line for each role."""
        return [ReadyRole(role=role, rights=_words(rights)) for role, rights in ROLE_RIGHTS.items()]

    @strawberry.field(description="The roles that an account put together itself.")
    def own_roles(self, info: Info, account_id: UUID) -> list[OwnRole]:
        """By name."""
        return [_own_role(one) for one in queries.own_roles(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="The groups of stations of an account.")
    def station_groups(self, info: Info, account_id: UUID) -> list[StationGroup]:
        """By name."""
        found = queries.station_groups(info.context.actor, AccountId(account_id))
        return [StationGroup(**vars(one)) for one in found]

    @strawberry.field(description="What an account has given and counts now, companies first, with its last use.")
    def roles_given(self, info: Info, account_id: UUID) -> list[GivenRole]:
        """For a regular look at who still needs what."""
        return [_given(one) for one in queries.roles_given(info.context.actor, AccountId(account_id))]

    @strawberry.field(
        description="What other accounts gave to this one, by their names.",
        deprecation_reason="Use `rolesHeldConnection`.",
    )
    def roles_held(self, info: Info, account_id: UUID) -> list[GivenRole]:
        """The other side."""
        return [_given(one) for one in queries.roles_held(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="What other accounts gave to this one, by their names.")
    def roles_held_connection(
        self, info: Info, account_id: UUID, first: int = 25, after: str | None = None
    ) -> Connection[GivenRole]:
        """A page of it."""
        size, last = page_size(info, first), read_cursor(after, named)
        rows = queries.roles_held(info.context.actor, AccountId(account_id), after=last, limit=size + 1)
        cursors = [name_cursor(row.account, row.grant_id) for row in rows[:size]]
        return connection([_given(row) for row in rows[:size]], cursors, more=len(rows) > size)

    @strawberry.field(
        description="Everything that an account gave or was given, also what has ended; newest first.",
        deprecation_reason="Use `roleLogConnection`.",
    )
    def role_log(self, info: Info, account_id: UUID) -> list[GivenRole]:
        """Both sides can read it."""
        return [_given(one) for one in queries.role_log(info.context.actor, AccountId(account_id))]

    @strawberry.field(description="Everything that an account gave or was given, also what has ended; newest first.")
    def role_log_connection(
        self, info: Info, account_id: UUID, first: int = 20, after: str | None = None
    ) -> Connection[GivenRole]:
        """A page of it."""
        actor, account = info.context.actor, AccountId(account_id)
        load = partial(queries.role_log, actor, account)
        return newest_first(info, (first, after), load, _given, attrgetter("grant_id"))

    @strawberry.field(description="What the signed-in person was given anywhere.")
    def my_roles(self, info: Info) -> list[GivenRole]:
        """One's own."""
        return [_given(one) for one in queries.my_roles(info.context.actor)]

    @strawberry.field(description="Who can do this in the account and why; or what one person can do there, and why.")
    def who_can(self, info: Info, account_id: UUID, right: str | None = None, user_id: UUID | None = None) -> list[Way]:
        """Every path."""
        wanted = None if right is None else _right(right)
        found = queries.ways(info.context.actor, AccountId(account_id), right=wanted, user_id=user_id)
        return [
            Way(
                who=way.who,
                user_id=way.user_id,
                token_id=way.token_id,
                rights=_words(way.rights),
                role=_given(way.role) if way.role else None,
                through=_given(way.through) if way.through else None,
            )
            for way in found
        ]


@strawberry.type
class GrantMutations:
    """Changing own roles, groups, and where an account stands."""

    @strawberry.mutation(description="Put a role together, of rights that the caller holds.")
    @refusable
    def create_own_role(self, info: Info, account_id: UUID, name: str, rights: list[str]) -> OwnRoleResult:
        """A new role."""
        row = use_cases.create_own_role(
            info.context.actor, AccountId(account_id), name=name, rights=[_right(one) for one in rights]
        )
        return _own_role(queries.own_role(info.context.actor, OwnRoleId(row.id)))

    @strawberry.mutation(description="Change an own role; it reaches everybody who holds it at once.")
    @refusable
    def change_own_role(
        self, info: Info, id: UUID, name: str | None = None, rights: list[str] | None = None
    ) -> OwnRoleResult:
        """Another name, other rights."""
        chosen = None if rights is None else [_right(one) for one in rights]
        use_cases.change_own_role(info.context.actor, OwnRoleId(id), name=name, rights=chosen)
        return _own_role(queries.own_role(info.context.actor, OwnRoleId(id)))

    @strawberry.mutation(description="Give an own role to nobody any more; refused while somebody holds it.")
    @refusable
    def remove_own_role(self, info: Info, id: UUID) -> DoneResult:
        """A role less."""
        use_cases.remove_own_role(info.context.actor, OwnRoleId(id))
        return done()

    @strawberry.mutation(description="Make a group of stations on which roles can count.")
    @refusable
    def create_station_group(
        self, info: Info, account_id: UUID, name: str, station_ids: list[UUID]
    ) -> StationGroupResult:
        """A new group."""
        row = use_cases.create_station_group(info.context.actor, AccountId(account_id), name=name)
        return _group(info, StationGroupId(row.id), station_ids)

    @strawberry.mutation(description="Change name and stations of a group; what is left out stays as it is.")
    @refusable
    def change_station_group(
        self, info: Info, id: UUID, name: str | None = None, station_ids: list[UUID] | None = None
    ) -> StationGroupResult:
        """Another name, other stations."""
        if name is not None:
            use_cases.rename_station_group(info.context.actor, StationGroupId(id), name=name)
        return _group(info, StationGroupId(id), station_ids)

    @strawberry.mutation(description="Dissolve a group; refused while a role counts on it.")
    @refusable
    def remove_station_group(self, info: Info, id: UUID) -> DoneResult:
        """A group less."""
        use_cases.remove_station_group(info.context.actor, StationGroupId(id))
        return done()

    @strawberry.mutation(description="Add a master account below another one, such as a branch of an administration.")
    @refusable
    def create_branch(self, info: Info, parent_id: UUID, name: str) -> AccountResult:
        """A master below a master."""
        return details_of(use_cases.create_branch(info.context.actor, AccountId(parent_id), name=name))

    @strawberry.mutation(
        description="Put an account below another master, or below none, with all that is below it. Roles of those who "
        "no longer stand above end; the new parent gets this role."
    )
    @refusable
    def move_account(
        self, info: Info, id: UUID, parent_id: UUID | None = None, role: Role = Role.OWNER
    ) -> AccountResult:
        """Another place in the tree."""
        above = None if parent_id is None else AccountId(parent_id)
        moved: AccountDetails = details_of(
            use_cases.move_account(info.context.actor, AccountId(id), parent_id=above, role=role)
        )
        return moved


def _group(info: Info, group_id: StationGroupId, station_ids: list[UUID] | None) -> StationGroup:
    actor = info.context.actor
    if station_ids is not None:
        station_use_cases.group_stations(actor, group_id, station_ids=[StationId(one) for one in station_ids])
    row = queries.station_group(actor, group_id)
    chosen = sum(one.chosen for one in station_queries.stations_of_group(actor, group_id))
    return StationGroup(id=row.id, account_id=row.account_id, name=row.name, stations=chosen)


def _own_role(one: queries.ComposedRole) -> OwnRole:
    return OwnRole(id=one.id, account_id=one.account_id, name=one.name, rights=_words(one.rights))


def _given(one: queries.GivenRole) -> GivenRole:
    return GivenRole(**{**vars(one), "rights": _words(one.rights), "state": one.state})


def _right(word: str) -> Right:
    try:
        return Right(word)
    except ValueError as error:
        raise Invalid(rights="unknown") from error


def _words(rights: Collection[Right]) -> list[str]:
    return sorted(right.value for right in rights)
