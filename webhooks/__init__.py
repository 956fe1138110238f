"""Telling programs of others what happened: signed calls to addresses that an account chose."""
