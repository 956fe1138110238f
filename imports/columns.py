"""The columns of tables, and by which headings people know them, in the four languages."""

import unicodedata
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
# the first in English, German, French and Italian, as templates have it; then what else people write
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "station": (
        "Station",
        "Ladestation",
        "Borne",
        "Stazione",
        "Station name",
        "Name der Station",
        "Nom de la borne",
        "Nome della stazione",
        "Name",
        "Nom",
        "Nome",
        "Charger",
    ),
    "identity": (
        "OCPP identity",
        "OCPP-Kennung",
        "Identifiant OCPP",
        "Identificativo OCPP",
        "Kennung",
        "Identity",
        "Identifiant",
        "Identificativo",
        "Charge point id",
        "Serial number",
        "Numéro de série",
        "Numero di serie",
    ),
    "connector": (
        "Connector",
        "Anschluss",
        "Connecteur",
        "Connettore",
        "Connector number",
        "Anschlussnummer",
        "Numéro du connecteur",
        "Numero del connettore",
    ),
    "connector_name": ("Connector name", "Name des Anschlusses", "Nom du connecteur", "Nome del connettore"),
    "plug": ("Plug", "Stecker", "Prise", "Presa", "Steckertyp", "Plug type", "Type de prise", "Tipo di presa"),
    "max_power_kw": (
        "Power kW",
        "Leistung kW",
        "Puissance kW",
        "Potenza kW",
        "Max power kW",
        "Maximale Leistung kW",
        "Puissance maximale kW",
        "Potenza massima kW",
    ),
    "street": ("Street", "Strasse", "Rue", "Via", "Adresse", "Address", "Indirizzo"),
    "postcode": ("Postcode", "PLZ", "NPA", "NPA", "Zip", "Code postal", "CAP"),
    "city": ("City", "Ort", "Localité", "Località", "Stadt", "Lieu", "Luogo", "Ville", "Città"),
    "country": ("Country", "Land", "Pays", "Paese"),
    "latitude": ("Latitude", "Breite", "Latitude", "Latitudine", "Breitengrad", "Lat"),
    "longitude": ("Longitude", "Länge", "Longitude", "Longitudine", "Längengrad", "Lon", "Lng"),
    "description": ("Description", "Beschreibung", "Description", "Descrizione"),
    "email": (
        "E-mail",
        "E-Mail",
        "E-mail",
        "E-mail",
        "Mail",
        "E-Mail-Adresse",
        "Courriel",
        "Adresse e-mail",
        "Indirizzo e-mail",
    ),
    "name": ("Name", "Name", "Nom", "Nome", "Holder", "Inhaber", "Titulaire", "Titolare"),
    "tag": ("Tag", "Karte", "Badge", "Tessera", "Ladekarte", "RFID", "Card"),
    "energy_price": ("Price per kWh", "Preis pro kWh", "Prix par kWh", "Prezzo per kWh"),
    "time_price": ("Price per hour", "Preis pro Stunde", "Prix par heure", "Prezzo all’ora", "Prezzo per ora"),
    "group": ("Group", "Gruppe", "Groupe", "Gruppo"),
    "valid_until": ("Valid until", "Gültig bis", "Valable jusqu’au", "Valida fino al"),
    "blocked": ("Blocked", "Gesperrt", "Bloqué", "Bloccata"),
    "started_at": ("Start", "Beginn", "Début", "Inizio", "Started at", "Start time"),
    "ended_at": ("End", "Ende", "Fin", "Fine", "Ended at", "End time"),
    "duration": ("Duration", "Dauer", "Durée", "Durata"),
    "energy_kwh": ("Energy kWh", "Energie kWh", "Énergie kWh", "Energia kWh", "kWh"),
    "driver": ("Driver", "Fahrer", "Conducteur", "Conducente"),
    "costs": ("Costs", "Kosten", "Coûts", "Costi", "Betrag", "Amount", "Montant", "Importo"),
    "currency": ("Currency", "Währung", "Monnaie", "Valuta"),
    "reference": ("Reference", "Referenz", "Référence", "Riferimento", "Session id", "Ladungsnummer"),
}
_TEMPLATES = ("en", "de", "fr", "it")


def heading(column: str, language: str) -> str:
    """What the template calls a column, in the reader's language."""
    return HEADINGS[column][_TEMPLATES.index(language)]


def column_of(what: What, text: str) -> str | None:
    """The column that a heading means; capitals, accents, blanks and signs between letters do not matter."""
    wanted = _plain(text)
    names = (name for name in COLUMNS[what] if wanted in {_plain(name), *map(_plain, HEADINGS[name])})
    return next(names, None)


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum())
