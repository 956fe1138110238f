"""What webhooks refuse."""

from kit.errors import Conflict


class TooManyEndpoints(Conflict):
    """The account has as many endpoints as it may have."""

    code = "too_many_endpoints"


class EndpointOff(Conflict):
    """The endpoint is switched off: nothing is sent to it."""

    code = "endpoint_off"
