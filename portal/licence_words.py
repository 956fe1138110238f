"""Words about plans: what each function is, in a sentence that makes somebody want it or not."""

from accounts.functions import Function
from kit.i18n import lazy_ as word

PLANS = {"free": word("Free plan"), "premium": word("Premium")}

ABOUT = {
    Function.REPORTS: word("Who charged what, as PDF and CSV, for one station or all of them."),
    Function.STATISTICS: word("How your stations are used and what they earn, over months."),
    Function.MAINTENANCE: word(
        "Restart a station, unlock a plug, change its settings, fetch its logs and install firmware, without driving "
        "there. One station or hundreds at once."
    ),
    Function.MESSAGE_LOG: word("Every message between station and platform, explained, searchable, to download."),
    Function.ALARMS: word("A mail when a charge begins or ends, and when a station loses its connection."),
    Function.ROAMING: word("Customers of other networks charge at your stations."),
    Function.USER_GROUPS: word("Prices for groups of people at groups of stations."),
    Function.METER_IMPORT: word("Readings every 15 minutes for the electricity bill of the house."),
}
