"""E-mail addresses as they are stored: judged once, lower-case, so that one person is one row."""

from email_validator import EmailNotValidError, validate_email

from kit.errors import Invalid

LONGEST = 254


def clean_email(text: str, *, field: str = "email") -> str:
    """The address in its one stored form; raises Invalid(<field>="not_an_email").

    Nobody is asked whether the domain exists: the confirmation link shows that. Test domains pass (demo, tests).
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Invalid(**{field: "not_an_email"}) from error
    if len(found.normalized) > LONGEST:
        raise Invalid(**{field: "too_long"})
    return found.normalized.lower()
