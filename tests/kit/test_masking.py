"""Secrets: replaced in structures, in JSON text, and in texts that can't be parsed."""

import pytest

from kit.masking import mask, mask_text

SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f'{{"key":"AuthorizationKey","value":"{SECRET}"}}', '{"key":"AuthorizationKey","value":"***"}'),
        (
            f'{{"configurationKey":[{{"key":"WifiPassword","readonly":false,"value":"{SECRET}"}}]}}',
            '{"configurationKey":[{"key":"WifiPassword","readonly":false,"value":"***"}]}',
        ),
        (f'{{"data":"{{\\"password\\":\\"{SECRET}\\"}}"}}', '{"data":"{\\"password\\":\\"***\\"}"}'),
        (f'{{"data":"user=a&password={SECRET}&b=2"}}', '{"data":"user=a&password=***&b=2"}'),
        (f'{{"location":"ftp://user:{SECRET}@host/x"}}', '{"location":"ftp://user:***@host/x"}'),
        (
            '{"location":"https://a.example/files/up/' + 43 * "s" + '/x.log"}',
            '{"location":"https://a.example/files/up/***/x.log"}',
        ),
        (
            f'[2,"1","X",{{"key":"AuthorizationKey","value":"{SECRET}"}}',
            '[2,"1","X",{"key":"AuthorizationKey","value":"***"}',
        ),
        (
            f'[2,"1","X",{{"value":"{SECRET}","key":"AuthorizationKey"}}',
            '[2,"1","X",{"value":"***","key":"AuthorizationKey"}',
        ),
        (f"{{'key':'AuthorizationKey','value':'{SECRET}'}}", "{'key':'AuthorizationKey','value':'***'}"),
        (f'cut {{"password": "{SECRET} and more', 'cut {"password": "***'),
        (f'{{"HTTP_AUTHORIZATION":"{SECRET}"}}', '{"HTTP_AUTHORIZATION":"***"}'),
    ],
)
def test_a_secret_is_replaced_and_the_rest_stays(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        '{"key": "AuthorizationCacheEnabled", "value":"true"}',
        '{"listVersion": 1, "localAuthorizationList": [{"idTag": "04AA"}]}',
        '{ "idTag":"04AA", "n":1.50 }',
        "no JSON at all",
    ],
)
def test_a_text_without_a_secret_stays_as_it_came(text: str) -> None:
    assert mask_text(text) == text


def test_a_structure_keeps_its_addresses_but_not_what_opens_them() -> None:
    told = {"log": {"remoteLocation": f"ftp://user:{SECRET}@host/x"}, "at": ["ftp://host/x", 7]}
    assert mask(told) == {"log": {"remoteLocation": "ftp://user:***@host/x"}, "at": ["ftp://host/x", 7]}
