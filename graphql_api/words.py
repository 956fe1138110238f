"""Enums that several modules of the schema use; whoever imports them from here has them described once."""

import strawberry

from stations.values import SecurityProfile

strawberry.enum(SecurityProfile, name="SecurityProfile", description="What a charger has to prove when it connects.")

__all__ = ["SecurityProfile"]
