"""The messages of OCPP 1.6 from a charger, one file each: payload to domain values and back. No socket, no table."""
