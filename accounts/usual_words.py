"""Words of the four languages and of this trade that passwords are made of: what leaked lists, English for the most
part, lack. They are tried first with a year, digits, or signs before or behind them.
"""

import unicodedata

_TEXT = """
passwort kennwort geheim geheimnis willkommen hallo hallihallo guten morgen gutenmorgen gutentag grüezi grüessgott
sonnenschein schatz schatzi schätzeli liebling liebe ichliebedich engel prinzessin schmetterling einhorn sommer winter
frühling herbst weihnachten ostern geburtstag januar februar märz april juni juli august september oktober november
dezember montag dienstag mittwoch donnerstag freitag samstag sonntag fussball eishockey hockey skifahren schokolade
schweiz helvetia suisse svizzera österreich deutschland zürich bern basel luzern genf lausanne winterthur stgallen
lugano bellinzona fribourg freiburg neuenburg neuchâtel sion sitten chur aarau solothurn thun biel bienne zug schwyz uri
altdorf glarus appenzell schaffhausen frauenfeld liestal delémont sarnen stans rotkreuz matterhorn säntis pilatus
muster mustermann testtest testuser benutzer anmelden anmeldung einloggen sicherheit sicher zugang büro firma
verwaltung hauswart liegenschaft immobilien immobilie tiefgarage garage parkplatz parkhaus einstellhalle wohnung
motdepasse bonjour bienvenue soleil amour jetaime chouchou chocolat princesse doudou azerty printemps automne hiver noël
janvier février mars avril juin juillet août octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi
dimanche football secret bureau entreprise immeuble régie bâtiment parking connexion utilisateur
parola parolachiave benvenuto benvenuti ciao buongiorno amore tiamo stella sole principessa cioccolato calcio juventus
primavera estate autunno inverno natale gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre
dicembre lunedì martedì mercoledì giovedì venerdì sabato domenica segreto ufficio azienda immobile parcheggio utente
password welcome letmein secret summer spring autumn fall january february march may june july october december monday
tuesday wednesday thursday friday saturday sunday football switzerland changeme default access company office building
ladestation ladestationen ladesäule ladepunkt laden elektroauto elektromobil elektromobilität wallbox steckdose
strom stromer energie energy solar solarstrom batterie tesla volkswagen renault hyundai polestar charger charging
chargingstation chargingplatform platform plattform plateforme piattaforma electriccar emobility station borne
bornederecharge recharge voiture voitureélectrique électrique ricarica autoelettrica elettrico colonnina ocpp smartme
administrator administrateur amministratore superuser operator betreiber operatore exploitant hausverwaltung
""".split()  # noqa: SIM905  # four hundred words read better without their quotes


def folded(text: str) -> str:
    """A word without capitals and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
USUAL_WORDS = frozenset(folded(form) for word in _TEXT for form in (word, word.translate(_UMLAUTS)))
