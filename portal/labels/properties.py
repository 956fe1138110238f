"""Words of the overview of properties."""

from enum import Enum

from billing.values import Attention, PropertySort
from kit.i18n import lazy_ as word

PROPERTIES: dict[Enum, str] = {
    PropertySort.NAME: word("By name"),
    PropertySort.TROUBLE: word("Most stations in trouble first"),
    PropertySort.INCOME: word("Most income this month first"),
    Attention.TROUBLE: word("With stations in trouble"),
    Attention.TASKS: word("With something to look at"),
    Attention.EMPTY: word("Without stations"),
}
