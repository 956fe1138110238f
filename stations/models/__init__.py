"""Tables of this room."""

from stations.models.certificates import AuthorityCertificate, InstalledCertificate, StationCertificate
from stations.models.commands import StationCommand, WorkOrder
from stations.models.connections import GatewayRun, StationConnection
from stations.models.files import FileJob, FileJobStep
from stations.models.firmware import Campaign, CampaignStation, Firmware
from stations.models.messages import Message
from stations.models.moves import StationMove
from stations.models.places import AcceptedMixture
from stations.models.security_events import SecurityEvent
from stations.models.settings import SettingsReading, StationAbility, StationSetting
from stations.models.stations import Connector, Station
from stations.models.troubles import StationTrouble
from stations.models.waiting import HeldMessage, WaitingStation

__all__ = [
    "AcceptedMixture",
    "AuthorityCertificate",
    "Campaign",
    "CampaignStation",
    "Connector",
    "FileJob",
    "FileJobStep",
    "Firmware",
    "GatewayRun",
    "HeldMessage",
    "InstalledCertificate",
    "Message",
    "SecurityEvent",
    "SettingsReading",
    "Station",
    "StationAbility",
    "StationCertificate",
    "StationCommand",
    "StationConnection",
    "StationMove",
    "StationSetting",
    "StationTrouble",
    "WaitingStation",
    "WorkOrder",
]
