"""Who and what the demo is made of: made-up people and houses in real Swiss towns."""

from dataclasses import dataclass, field

from accounts.rights import Role
from demo.physics import Current


@dataclass(frozen=True)
class Prices:
    """Gross prices in CHF: per kWh, per minute, per session."""

    energy: str
    time: str = "0"
    session: str = "0"


@dataclass(frozen=True)
class House:
    """One station: where it stands, what it offers, and how many drivers a month it sees on each plug."""

    name: str
    street: str
    latitude_e6: int
    longitude_e6: int
    prices: Prices
    model: str = "Wallbox 11"
    vendor: str = "Muster Elektro"
    plugs: int = 1
    current: Current = Current.AC
    power_w: int = 11_000
    description: str = ""


@dataclass(frozen=True)
class OwnPrice:
    """What a single person pays in a house, known by tag or by address."""

    name: str
    house: str
    prices: Prices
    id_tag: str = ""
    email: str = ""


@dataclass(frozen=True)
class Estate:
    """A property account with its seller data and stations."""

    name: str
    legal_name: str
    street: str
    postcode: str
    city: str
    phone: str
    language: str
    uid: str
    houses: tuple[House, ...]
    vat_registered: bool = True
    iban: str = ""
    residents: tuple[tuple[str, str], ...] = field(default=())
    own_prices: tuple[OwnPrice, ...] = field(default=())


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in. `estate`: index of the property, None for the master account."""

    name: str
    email: str
    role: Role
    estate: int | None = None


MASTER = "Immobilien Muster AG"
OWNER = Person("Anna Muster", "anna.muster@demo.example", Role.OWNER)
PEOPLE = (
    Person("Marco Bianchi", "marco.bianchi@demo.example", Role.MANAGER, 2),
    Person("Thomas Technik", "thomas.technik@demo.example", Role.TECHNICIAN, 0),
    Person("Claire Comptable", "claire.comptable@demo.example", Role.ACCOUNTANT, 1),
)

_ZURICH = Prices(energy="0.39", session="0.50")
_ZURICH_VISITORS = Prices(energy="0.42", time="0.01", session="1.00")
_KELLER = Prices(energy="0.29")
_LEA = Prices(energy="0.25")
_LAUSANNE = Prices(energy="0.45", time="0.02")
_LAUSANNE_FAST = Prices(energy="0.59", time="0.10", session="1.00")
_LUGANO = Prices(energy="0.35")

ESTATES = (
    Estate(
        name="Überbauung Sonnenhof",
        legal_name="Immobilien Muster AG",
        street="Sonnenhofweg 12",
        postcode="8032",
        city="Zürich",
        phone="+41 44 555 01 01",
        language="de",
        uid="CHE-999.999.996",
        iban="CH93 0076 2011 6238 5295 7",
        residents=(("04A1B2C3D4E5F6", "Hauswart"), ("04D4C3B2A19080", "Familie Keller")),
        own_prices=(
            OwnPrice("Familie Keller", "Tiefgarage Platz 2", _KELLER, id_tag="04D4C3B2A19080"),
            OwnPrice("Lea Driver", "Besucherparkplatz", _LEA, email="lea.driver@demo.example"),
        ),
        houses=(
            House("Tiefgarage Platz 1", "Sonnenhofweg 12", 47_366_100, 8_565_300, _ZURICH),
            House("Tiefgarage Platz 2", "Sonnenhofweg 12", 47_366_120, 8_565_340, _ZURICH),
            House("Tiefgarage Platz 3", "Sonnenhofweg 12", 47_366_140, 8_565_380, _ZURICH),
            House(
                "Besucherparkplatz",
                "Sonnenhofweg 10",
                47_365_800,
                8_564_900,
                _ZURICH_VISITORS,
                model="Doppelsäule 2x11",
                plugs=2,
                description="Beim Eingang links, höchstens vier Stunden.",
            ),
            House("Gewerbehaus", "Sonnenhofweg 18", 47_366_500, 8_566_100, _ZURICH, model="Doppelsäule 2x11", plugs=2),
        ),
    ),
    Estate(
        name="Centre du Parc",
        legal_name="Muster Centre SA",
        street="Avenue du Parc 7",
        postcode="1006",
        city="Lausanne",
        phone="+41 21 555 02 02",
        language="fr",
        uid="CHE-999.999.973",
        iban="CH56 0483 5012 3456 7800 9",
        residents=(("04FF00AA11BB22", "Conciergerie"),),
        houses=(
            House(
                "Charge rapide",
                "Avenue du Parc 7",
                46_509_900,
                6_633_100,
                _LAUSANNE_FAST,
                vendor="Muster Power",
                model="DC 50",
                current=Current.DC,
                power_w=50_000,
                description="À gauche de l'entrée du parking.",
            ),
            House("Parking niveau -1", "Avenue du Parc 7", 46_510_000, 6_633_250, _LAUSANNE),
            House("Parking niveau -2", "Avenue du Parc 7", 46_510_020, 6_633_280, _LAUSANNE),
            House(
                "Parking extérieur", "Avenue du Parc 9", 46_510_300, 6_633_600, _LAUSANNE, model="Borne double", plugs=2
            ),
        ),
    ),
    Estate(
        name="Residenza al Lago",
        legal_name="Comunione Residenza al Lago",
        street="Via al Lago 21",
        postcode="6900",
        city="Lugano",
        phone="+41 91 555 03 03",
        language="it",
        uid="",
        vat_registered=False,
        residents=(("0477665544332211", "Custode"),),
        houses=(
            House("Autorimessa A", "Via al Lago 21", 46_000_800, 8_953_500, _LUGANO),
            House("Autorimessa B", "Via al Lago 21", 46_000_820, 8_953_560, _LUGANO),
            House(
                "Posteggio ospiti", "Via al Lago 23", 46_001_100, 8_953_900, _LUGANO, model="Colonnina doppia", plugs=2
            ),
        ),
    ),
)

DRIVERS = (
    ("de", "lea.driver@demo.example"),
    ("fr", "louis.conducteur@demo.example"),
    ("it", "lucia.guida@demo.example"),
    ("en", "liam.driver@demo.example"),
)
