"""What a browser says of itself, in words that its owner knows."""

import re

# the first that fits: many browsers also claim to be those further down
_BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMacintosh\b"),
    ("Linux", r"\bLinux\b"),
)


def device_name(agent: str) -> str:
    """Browser and system, such as `Firefox, Windows`; empty where neither is known."""
    found = (next((name for name, sign in known if re.search(sign, agent)), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
