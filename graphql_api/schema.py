"""The schema: what the nouns' modules offer. `graphql_api.execution` runs it."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from graphql_api.accounts import AccountMutations, AccountQueries
from graphql_api.announcements import AnnouncementQueries
from graphql_api.api_clients import ApiClientMutations, ApiClientQueries
from graphql_api.audit import AuditQueries
from graphql_api.bank import BankMutations, BankQueries
from graphql_api.behaviour import BehaviourMutations, BehaviourQueries
from graphql_api.campaigns import CampaignMutations, CampaignQueries
from graphql_api.certificates import CertificateMutations, CertificateQueries
from graphql_api.closed_accounts import ClosedAccountMutations, ClosedAccountQueries
from graphql_api.closures import ClosureMutations, ClosureQueries
from graphql_api.commands import CommandMutations, CommandQueries
from graphql_api.console import ConsoleMutations, ConsoleQueries
from graphql_api.doubts import DoubtMutations, DoubtQueries
from graphql_api.files import FileMutations, FileQueries
from graphql_api.former_payees import FormerPayeeMutations, FormerPayeeQueries
from graphql_api.grants import GrantMutations, GrantQueries
from graphql_api.hand_overs import HandOverMutations, HandOverQueries
from graphql_api.imports import ImportMutations, ImportQueries
from graphql_api.installations import InstallationMutations, InstallationQueries
from graphql_api.invitations import InvitationMutations, InvitationQueries
from graphql_api.licences import LicenceMutations, LicenceQueries
from graphql_api.local_lists import LocalListMutations, LocalListQueries
from graphql_api.logins import LoginMutations, LoginQueries
from graphql_api.mass_changes import MassChangeMutations, MassChangeQueries
from graphql_api.messages import MessageQueries
from graphql_api.moves import MoveMutations, MoveQueries
from graphql_api.opening_hours import OpeningHoursMutations
from graphql_api.overview import OverviewQueries
from graphql_api.partners import PartnerMutations, PartnerQueries
from graphql_api.payouts import PayoutMutations, PayoutQueries
from graphql_api.person_prices import PersonPriceMutations, PersonPriceQueries
from graphql_api.places import PlaceMutations, PlaceQueries
from graphql_api.profiles import ProfileMutations, ProfileQueries
from graphql_api.properties import PropertyQueries
from graphql_api.receipts import ReceiptQueries
from graphql_api.reservations import ReservationMutations, ReservationQueries
from graphql_api.sessions import SessionMutations, SessionQueries
from graphql_api.settings import SettingsMutations, SettingsQueries
from graphql_api.sign_in_rules import SignInRuleMutations, SignInRuleQueries
from graphql_api.smart_me import SmartMeMutations, SmartMeQueries
from graphql_api.stations import StationMutations, StationQueries
from graphql_api.subscriptions import Subscription
from graphql_api.support import SupportMutations, SupportQueries
from graphql_api.tags import TagMutations, TagQueries
from graphql_api.tariffs import TariffMutations
from graphql_api.transports import TransportQueries
from graphql_api.verification import VerificationMutations, VerificationQueries
from graphql_api.waiting import WaitingMutations, WaitingQueries
from graphql_api.webhooks import WebhookMutations, WebhookQueries
from graphql_api.work_orders import WorkOrderMutations, WorkOrderQueries


@strawberry.type
class Query(
    AccountQueries,
    AuditQueries,
    LoginQueries,
    SignInRuleQueries,
    GrantQueries,
    InvitationQueries,
    FormerPayeeQueries,
    HandOverQueries,
    ClosedAccountQueries,
    ClosureQueries,
    StationQueries,
    MoveQueries,
    PlaceQueries,
    SmartMeQueries,
    CommandQueries,
    MessageQueries,
    SessionQueries,
    ReceiptQueries,
    PayoutQueries,
    VerificationQueries,
    TagQueries,
    PersonPriceQueries,
    ReservationQueries,
    LocalListQueries,
    ProfileQueries,
    CertificateQueries,
    BehaviourQueries,
    SettingsQueries,
    DoubtQueries,
    FileQueries,
    CampaignQueries,
    WaitingQueries,
    PartnerQueries,
    InstallationQueries,
    WorkOrderQueries,
    TransportQueries,
    WebhookQueries,
    OverviewQueries,
    PropertyQueries,
    MassChangeQueries,
    ApiClientQueries,
    LicenceQueries,
    BankQueries,
    SupportQueries,
    AnnouncementQueries,
    ConsoleQueries,
    ImportQueries,
):
    """Everything that can be read."""


@strawberry.type
class Mutation(
    AccountMutations,
    LoginMutations,
    SignInRuleMutations,
    GrantMutations,
    InvitationMutations,
    FormerPayeeMutations,
    HandOverMutations,
    ClosedAccountMutations,
    ClosureMutations,
    StationMutations,
    MoveMutations,
    PlaceMutations,
    SmartMeMutations,
    CommandMutations,
    SessionMutations,
    TariffMutations,
    PersonPriceMutations,
    OpeningHoursMutations,
    MassChangeMutations,
    PayoutMutations,
    VerificationMutations,
    TagMutations,
    ReservationMutations,
    LocalListMutations,
    ProfileMutations,
    CertificateMutations,
    BehaviourMutations,
    SettingsMutations,
    DoubtMutations,
    FileMutations,
    CampaignMutations,
    WaitingMutations,
    PartnerMutations,
    InstallationMutations,
    WorkOrderMutations,
    WebhookMutations,
    ApiClientMutations,
    LicenceMutations,
    BankMutations,
    SupportMutations,
    ConsoleMutations,
    ImportMutations,
):
    """Everything that can be done."""


schema = strawberry.Schema(
    query=Query, mutation=Mutation, subscription=Subscription, config=StrawberryConfig(disable_field_suggestions=True)
)
