"""Secrets: replaced in structures, in JSON text, and in texts that can't be parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.masking import is_secret_setting, mask, mask_text

SECRET = "correct-horse-battery"
BEGIN = "-----BEGIN PRIVATE KEY-----"


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
        (f"got Authorization: Basic {SECRET}", "got Authorization: Basic ***"),
        (f'[{{"Key":"AuthorizationKey","Value":"{SECRET}"}}]', '[{"Key":"AuthorizationKey","Value":"***"}]'),
        (f'{{"name":"SIMPin","value":"{SECRET}"', '{"name":"SIMPin","value":"***"'),
        (f'{{"configurationKey":{{"WifiKey":"{SECRET}"}}}}', '{"configurationKey":{"WifiKey":"***"}}'),
        (f"pwd={SECRET}&x=1 BasicAuthPass: {SECRET}", "pwd=***&x=1 BasicAuthPass: ***"),
        (f"https://x.example/f?a=1&X-Amz-Signature={SECRET}", "https://x.example/f?a=1&X-Amz-Signature=***"),
        ("ftp://u:p@ss@host/x", "ftp://u:***@host/x"),
        ("ftp://u:a/b@host/x,ftp://v:c@other", "ftp://u:***@host/x,ftp://v:***@other"),
        ("ftp://u@mail.ch:pass@host", "ftp://u@mail.ch:***@host"),
        (f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----", f"{BEGIN}***-----END PRIVATE KEY-----"),
        (f'["{BEGIN}\\n{SECRET}\\n-----END PRIVATE KEY-----","x"]', f'["{BEGIN}***-----END PRIVATE KEY-----","x"]'),
        (f'cut ["{BEGIN}\\n{SECRET}', f'cut ["{BEGIN}***'),
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
        '{"configurationKey":[{"key":"MeterPublicKey","value":"3059"}],"unknownKey":["SIMPin"]}',
        '{"key":"GetConfigurationMaxKeys","readonly":true,"value":"20"',
        "AuthorizationCacheEnabled=true, LocalAuthListEnabled: true, KeyName: x, PingInterval: 5",
        "http://host:8080/x@y https://[::1]:8080/a@b at 12:30@home 2026-11-30T08:00:00Z",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    ],
)
def test_a_text_without_a_secret_stays_as_it_came(text: str) -> None:
    assert mask_text(text) == text


def test_a_structure_keeps_its_addresses_but_not_what_opens_them() -> None:
    told = {"log": {"remoteLocation": f"ftp://user:{SECRET}@host/x"}, "at": ["ftp://host/x", 7]}
    assert mask(told) == {"log": {"remoteLocation": "ftp://user:***@host/x"}, "at": ["ftp://host/x", 7]}
    assert mask({"data": [f"password={SECRET}", {"n": f'{{"pwd":"{SECRET}"}}'}]}) == {
        "data": ["password=***", {"n": '{"pwd":"***"}'}]
    }


def test_names_of_secret_settings_and_others_that_only_look_so() -> None:
    secret = (
        "AuthorizationKey BasicAuthPass SIMPin AuthKey SecurityKey HotspotKey WPA2_PSK wifi.passphrase ApiToken PIN"
    )
    plain = """AuthorizationCacheEnabled LocalAuthListEnabled AuthorizeRemoteTxRequests KeyName MeterPublicKey
        GetConfigurationMaxKeys WebSocketPingInterval AuthKeyLength BypassAuthorization LocalPreAuthorize"""
    assert [name for name in secret.split() if not is_secret_setting(name)] == []
    assert [name for name in plain.split() if is_secret_setting(name)] == []


_PIECES = [
    "password",
    "pass",
    "key",
    "value",
    '"',
    "\\",
    ":",
    "=",
    "://",
    "@",
    "-----BEGIN PRIVATE KEY-----",
    "{",
    "[",
    "x",
    " ",
]


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=5), max_size=60).map("".join))
def test_no_text_breaks_the_masking_and_masking_twice_changes_nothing(text: str) -> None:
    masked = mask_text(text)
    assert mask_text(mask_text(masked)) == mask_text(masked)
    assert mask({"data": [text]}) == {"data": [masked]}
