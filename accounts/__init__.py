"""Who: master and property accounts, users, roles and rights."""
