"""Dictionaries of RFC 9651, the structured form of some header fields: `train-ai=n, search=y;max=3`."""

from __future__ import annotations

import re

LONGEST = 8192
"""Characters of a field that are read; a longer one says nothing."""

# RFC 9651, section 3. Quantifiers are possessive: nothing is tried twice, so any text takes linear time.
_KEY = r"[a-z*][a-z0-9_.*\-]*+"
_TOKEN = r"[A-Za-z*][A-Za-z0-9:/!#$%&'*+\-.^_`|~]*+"
_BARE = (
    r"(?>"
    r'"(?:[ !#-\[\]-~]|\\["\\])*+"'  # string
    rf"|{_TOKEN}"
    r"|-?+\d{1,12}\.\d{1,3}|-?+\d{1,15}"  # decimal, integer
    r"|\?[01]"  # boolean
    r"|:[A-Za-z0-9+/=]*+:"  # bytes
    r"|@-?+\d{1,15}"  # date
    r'|%"(?:[ !#$&-~]|%[0-9a-f]{2})*+"'  # display string
    r")"
)
_PARAMETERS = rf"(?:;\ *+{_KEY}(?:={_BARE})?+)*+"
_INNER = rf"\(\ *+(?:{_BARE}{_PARAMETERS}(?:\ ++|(?=\))))*+\)"
_MEMBER = re.compile(rf"({_KEY})(?:=({_BARE}|{_INNER}))?+{_PARAMETERS}", re.ASCII)
_COMMA = re.compile(r"[ \t]*+,[ \t]*+")
_TOKEN_ALONE = re.compile(_TOKEN, re.ASCII)


def tokens(text: str) -> dict[str, str]:
    """The members of a dictionary whose value is a token, by key; the last of several counts, parameters are left out.

    A key whose last value is anything but a token is not in the result. A text that is no dictionary has no members at all, as
    the RFC asks.
    """
    text = text.strip(" ")
    if not text or len(text) > LONGEST:
        return {}
    values: dict[str, str] = {}
    at = 0
    while True:
        member = _MEMBER.match(text, at)
        if member is None:
            return {}
        values[member[1]] = member[2] or ""
        if member.end() == len(text):
            return {key: value for key, value in values.items() if _TOKEN_ALONE.fullmatch(value)}
        comma = _COMMA.match(text, member.end())
        if comma is None:
            return {}
        at = comma.end()
