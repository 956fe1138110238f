"""Messages that limit how much is charged (smart charging)."""

from kit.i18n import lazy_ as word
from stations.catalogue.message import MessageKind, Subject, connector
from stations.fields import Choice, Group, Groups, Instant, Tenths, Whole
from stations.values import Action

PURPOSES = ("ChargePointMaxProfile", "TxDefaultProfile", "TxProfile")
_UNIT = Choice(
    name="chargingRateUnit", words=word("Unit"), hint=word("A per phase, or W in total."), options=("A", "W")
)
_LEVEL = Whole(
    name="stackLevel", words=word("Level"), hint=word("Of two limits that hold, the one with the higher level counts.")
)
_PURPOSE = Choice(
    name="chargingProfilePurpose",
    words=word("What it limits"),
    hint=word("The whole station, every session, or the running one."),
    options=PURPOSES,
)
_PERIOD = (
    Whole(name="startPeriod", words=word("From second"), hint=word("Counted from the begin; the first is 0.")),
    Tenths(name="limit", words=word("Limit"), hint=word("With at most one digit after the point.")),
    Whole(name="numberPhases", words=word("Phases"), least=1, most=3, required=False),
)
_SCHEDULE = Group(
    name="chargingSchedule",
    words=word("Schedule"),
    fields=(
        Whole(name="duration", words=word("Length in seconds"), required=False),
        Instant(name="startSchedule", words=word("Begin"), required=False),
        _UNIT,
        Groups(name="chargingSchedulePeriod", words=word("Steps"), fields=_PERIOD, least=1),
        Tenths(
            name="minChargingRate",
            words=word("Least rate"),
            hint=word("Below it, charging is not worth while for the car."),
            required=False,
        ),
    ),
)
PROFILE = (
    Whole(name="chargingProfileId", words=word("Number")),
    Whole(name="transactionId", words=word("Transaction"), hint=word("Only for the running session."), required=False),
    _LEVEL,
    _PURPOSE,
    Choice(name="chargingProfileKind", words=word("Begins with"), options=("Absolute", "Recurring", "Relative")),
    Choice(name="recurrencyKind", words=word("Repeated"), options=("Daily", "Weekly"), required=False),
    Instant(name="validFrom", words=word("Valid from"), required=False),
    Instant(name="validTo", words=word("Valid until"), required=False),
    _SCHEDULE,
)

CHARGING = (
    MessageKind(
        Action.SET_CHARGING_PROFILE,
        Subject.CHARGING,
        word("Limit charging"),
        word("Gives the station a limit that may change in steps."),
        (connector(least=0), Group(name="csChargingProfiles", words=word("Limit"), fields=PROFILE)),
    ),
    MessageKind(
        Action.CLEAR_CHARGING_PROFILE,
        Subject.CHARGING,
        word("Lift a limit"),
        word("Lifts one limit by its number, or all that fit the other fields; all empty lifts every limit."),
        (
            Whole(name="id", words=word("Number"), required=False),
            connector(least=0, required=False),
            _PURPOSE.optional,
            _LEVEL.optional,
        ),
    ),
    MessageKind(
        Action.GET_COMPOSITE_SCHEDULE,
        Subject.CHARGING,
        word("Ask for the schedule"),
        word("What all limits together come to."),
        (
            connector(least=0),
            Whole(name="duration", words=word("Length in seconds"), most=31_536_000),
            _UNIT.optional,
        ),
    ),
)
