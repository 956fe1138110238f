"""One word for one thing, as docs/words.md has it: words that would mean the same are not used."""

import re

import pytest
from babel.messages.catalog import Message

from tests.house.test_translations import LANGUAGES, catalogue

# what no translation says; and where it may: words of the message itself
BARRED = {
    "de": [
        (r"Ladepunkt", r"charging point"),
        (r"\bMeldung(en)?\b", r"\breports?\b|notification|refusal|notice"),
        (r"Ladesäule|Ladegerät|Ladevorg|Badge|Sitzung|Session\b", ""),
    ],
    "fr": [
        (r"\bstations?\b", ""),
        (r"points? de (re)?charge", r"charging point"),
        (r"\bsessions?\b|chargeur", ""),
    ],
    "it": [
        (r"\b(voi|vostr[aeio]|avete|siete|potete|volete|dovete|\w+(iate|ascete))\b", ""),
        (r"\btags?\b|\bsession[ei]\b|colonnin[ae]|\bspin[ae]\b", ""),
        (r"punt[oi] di ricarica", r"charging point"),
        (r"\baccounts?\b", ""),
    ],
}


def texts(message: Message) -> list[str]:
    """The translations, all plural forms."""
    strings = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [re.sub(r"%\(\w+\)s", "", str(text)) for text in strings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_word_for_one_thing(language: str) -> None:
    wrong = [
        text
        for message in catalogue(language)
        for barred, allowed in BARRED[language]
        for text in texts(message)
        if re.search(barred, text, re.IGNORECASE) and not (allowed and re.search(allowed, str(message.id), re.I))
    ]
    assert wrong == [], "see docs/words.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tag_is_no_english_word_elsewhere(language: str) -> None:
    """In German it would be a day."""
    of_tags = [message for message in catalogue(language) if re.search(r"\btags?\b", str(message.id), re.IGNORECASE)]
    assert [text for message in of_tags for text in texts(message) if re.search(r"\bTags?\b", text)] == []


def test_italian_addresses_with_a_capital_letter() -> None:
    said = [message for message in catalogue("it") if re.search(r"\byou\b|\byours?\b", str(message.id), re.IGNORECASE)]
    others = re.compile(r"\b(its?|his|their|provider|operator|master)\b", re.IGNORECASE)
    wrong = [text for message in said for text in texts(message) if re.search(r"\blei\b", text)]
    wrong += [
        text
        for message in said
        for text in texts(message)
        if re.search(r"\b(suo|sua|suoi|sue)\b", text) and not others.search(str(message.id))
    ]
    assert wrong == []
