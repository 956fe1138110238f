"""Numbers under which a company is known to the tax office: the Swiss UID, elsewhere the VAT number."""

from stdnum import get_cc_module
from stdnum.ch import uid as swiss_uid
from stdnum.exceptions import ValidationError

from kit.errors import Invalid

COUNTRIES = ("CH", "LI", "DE", "AT", "FR", "IT", "BE", "NL", "LU", "ES", "PT", "IE", "FI", "SI", "SK")


def clean(number: str, country: str) -> str:
    """The number in its official form, for example `CHE-123.456.788`; raises Invalid(uid="not_a_uid")."""
    number = number.strip()
    if not number:
        return ""
    try:
        if country in ("CH", "LI"):
            bare = number.upper().removesuffix("MWST").removesuffix("TVA").removesuffix("IVA").strip()
            return str(swiss_uid.format(swiss_uid.validate(bare)))
        module = get_cc_module(country.lower(), "vat")
        if module is None:
            raise Invalid(uid="not_a_uid")
        digits = str(module.validate(number))
    except ValidationError as error:
        raise Invalid(uid="not_a_uid") from error
    return digits if digits.startswith(country) else f"{country}{digits}"
