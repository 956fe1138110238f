"""Words for partners: states, regions."""

from enum import Enum

from kit.i18n import lazy_ as word
from partners.documents import CHECKS, STATES
from partners.values import AssignmentState, CheckState, Region, TrainingState

PARTNERS: dict[Enum, str] = {
    TrainingState.WAITING: word("waits for a training"),
    TrainingState.TRAINED: word("trained"),
    TrainingState.LAPSED: word("training is over"),
    AssignmentState.INVITED: word("invited"),
    AssignmentState.ACTIVE: word("works here"),
    AssignmentState.DECLINED: word("declined"),
    AssignmentState.ENDED: word("over"),
    **CHECKS,
    **STATES,
    Region.CH_AG: word("Aargau"),
    Region.CH_AI: word("Appenzell Inner Rhodes"),
    Region.CH_AR: word("Appenzell Outer Rhodes"),
    Region.CH_BE: word("Bern"),
    Region.CH_BL: word("Basel Country"),
    Region.CH_BS: word("Basel City"),
    Region.CH_FR: word("Fribourg"),
    Region.CH_GE: word("Geneva"),
    Region.CH_GL: word("Glarus"),
    Region.CH_GR: word("Grisons"),
    Region.CH_JU: word("Jura"),
    Region.CH_LU: word("Lucerne"),
    Region.CH_NE: word("Neuchâtel"),
    Region.CH_NW: word("Nidwalden"),
    Region.CH_OW: word("Obwalden"),
    Region.CH_SG: word("St. Gallen"),
    Region.CH_SH: word("Schaffhausen"),
    Region.CH_SO: word("Solothurn"),
    Region.CH_SZ: word("Schwyz"),
    Region.CH_TG: word("Thurgau"),
    Region.CH_TI: word("Ticino"),
    Region.CH_UR: word("Uri"),
    Region.CH_VD: word("Vaud"),
    Region.CH_VS: word("Valais"),
    Region.CH_ZG: word("Zug"),
    Region.CH_ZH: word("Zurich"),
    Region.AT: word("Austria"),
    Region.DE: word("Germany"),
    Region.FR: word("France"),
    Region.IT: word("Italy"),
    Region.LI: word("Liechtenstein"),
}
PARTNER_COLOURS: dict[Enum, str] = {
    AssignmentState.INVITED: "yellow",
    AssignmentState.ACTIVE: "green",
    CheckState.OPEN: "yellow",
    CheckState.PASSED: "green",
    CheckState.FAILED: "red",
    TrainingState.WAITING: "yellow",
    TrainingState.TRAINED: "green",
    TrainingState.LAPSED: "secondary",
}
