"""The columns of tables, and by which headings people know them, in German and English."""

from collections.abc import Mapping

from imports.values import What

COLUMNS: Mapping[What, tuple[str, ...]] = {
    What.STATIONS: (
        "station",
        "identity",
        "connector",
        "connector_name",
        "plug",
        "max_power_kw",
        "street",
        "postcode",
        "city",
        "country",
        "latitude",
        "longitude",
        "description",
    ),
    What.PEOPLE: ("email", "name", "tag", "station", "connector", "energy_price", "time_price"),
    What.TAGS: ("tag", "name", "group", "valid_until", "blocked"),
    What.HISTORY: (
        "station",
        "connector",
        "started_at",
        "ended_at",
        "duration",
        "energy_kwh",
        "tag",
        "driver",
        "costs",
        "currency",
        "reference",
    ),
}
REQUIRED: Mapping[What, tuple[str, ...]] = {
    What.STATIONS: ("station",),
    What.PEOPLE: ("email",),
    What.TAGS: ("tag",),
    What.HISTORY: ("station", "started_at", "energy_kwh"),
}
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "station": ("Station", "Ladestation", "Station name", "Name der Station", "Name", "Charger"),
    "identity": ("OCPP identity", "OCPP-Kennung", "Kennung", "Identity", "Charge point id", "Serial number"),
    "connector": ("Connector", "Anschluss", "Connector number", "Anschlussnummer"),
    "connector_name": ("Connector name", "Name des Anschlusses"),
    "plug": ("Plug", "Stecker", "Steckertyp", "Plug type"),
    "max_power_kw": ("Power kW", "Leistung kW", "Max power kW", "Maximale Leistung kW"),
    "street": ("Street", "Strasse", "Adresse", "Address"),
    "postcode": ("Postcode", "PLZ", "Zip"),
    "city": ("City", "Ort", "Stadt"),
    "country": ("Country", "Land"),
    "latitude": ("Latitude", "Breite", "Breitengrad", "Lat"),
    "longitude": ("Longitude", "Länge", "Längengrad", "Lon", "Lng"),
    "description": ("Description", "Beschreibung"),
    "email": ("E-mail", "E-Mail", "Mail", "E-Mail-Adresse"),
    "name": ("Name", "Holder", "Inhaber"),
    "tag": ("Tag", "Karte", "Ladekarte", "RFID", "Card"),
    "energy_price": ("Price per kWh", "Preis pro kWh"),
    "time_price": ("Price per hour", "Preis pro Stunde"),
    "group": ("Group", "Gruppe"),
    "valid_until": ("Valid until", "Gültig bis"),
    "blocked": ("Blocked", "Gesperrt"),
    "started_at": ("Start", "Beginn", "Started at", "Start time"),
    "ended_at": ("End", "Ende", "Ended at", "End time"),
    "duration": ("Duration", "Dauer"),
    "energy_kwh": ("Energy kWh", "Energie kWh", "kWh"),
    "driver": ("Driver", "Fahrer"),
    "costs": ("Costs", "Kosten", "Betrag", "Amount"),
    "currency": ("Currency", "Währung"),
    "reference": ("Reference", "Referenz", "Session id", "Ladungsnummer"),
}


def heading(column: str, language: str) -> str:
    """What the template calls a column: German where the reader reads German, English otherwise."""
    return HEADINGS[column][1 if language == "de" else 0]


def column_of(what: What, text: str) -> str | None:
    """The column that a heading means; letters, blanks and signs between them do not matter."""
    wanted = _plain(text)
    names = (name for name in COLUMNS[what] if wanted in {_plain(name), *map(_plain, HEADINGS[name])})
    return next(names, None)


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())
