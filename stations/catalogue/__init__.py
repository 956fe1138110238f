"""Every message that can be sent to a charger: OCPP 1.6 with its security extension, in plain words.

The portal makes its forms of it, the API its descriptions, and `stations.payloads` judges by it.
"""

from stations.catalogue.charging import CHARGING
from stations.catalogue.configuration import CONFIGURATION
from stations.catalogue.control import CONTROL
from stations.catalogue.files import FILES
from stations.catalogue.lists import LISTS
from stations.catalogue.message import MessageKind, Subject
from stations.catalogue.security import SECURITY
from stations.values import Action

CATALOGUE: dict[Action, MessageKind] = {
    kind.action: kind for kind in (*CONTROL, *CONFIGURATION, *LISTS, *CHARGING, *FILES, *SECURITY)
}

__all__ = ["CATALOGUE", "MessageKind", "Subject"]
