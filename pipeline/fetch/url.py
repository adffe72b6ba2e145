"""URLs as keys: one spelling for one address, whatever a page wrote."""

from __future__ import annotations

import contextlib
import re
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

LONGEST = 8192
"""Characters of a URL that are kept. Servers refuse longer ones, and a `data:` picture has no place in a key."""

PORTS = {"http": 80, "https": 443}
_SAFE = "!$%&'()*+,/:;=?@~"
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_HALF = re.compile("[\ud800-\udfff]")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


class Origin(NamedTuple):
    """Who is asked: `host` is a lower-case ASCII name, or an address (IPv6 without brackets)."""

    scheme: str
    host: str
    port: int


def normal_url(url: str, base: str = "") -> str:
    """The URL in the one spelling that memory uses; idempotent, and never raises.

    Made absolute against `base`; the fragment, a default port and a final dot of the host are dropped; scheme and host in
    lower case, the host in its ASCII (IDNA) form; `.` and `..` resolved; backslashes read as slashes, as browsers do; blanks,
    non-ASCII characters and stray percent signs percent-encoded. What cannot be understood comes back quoted, and the fetcher
    refuses it.
    """
    url, base = (_HALF.sub("\ufffd", text) for text in (url, base))
    cleaned = re.sub(r"[\t\r\n]", "", url).strip(" \x00\x0b\x0c\x1f\xa0")
    if base:
        with contextlib.suppress(ValueError):  # a base that is none changes nothing
            cleaned = urljoin(base, _slashes(cleaned))
    try:
        return _spelled(cleaned)[:LONGEST]
    except ValueError:
        return _quoted(cleaned.partition("#")[0])[:LONGEST]


def origin(url: str) -> Origin:
    """Scheme, host and port of a normal URL. Raises ValueError, in words, for what cannot be asked by HTTP."""
    if len(url) >= LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    parts = urlsplit(url)
    if parts.scheme not in PORTS:
        raise ValueError(f"the scheme is {parts.scheme!r}, not http or https" if parts.scheme else "not an absolute http or https address")
    if "@" in parts.netloc:
        raise ValueError("the address holds a user name")
    host, port = _host_and_port(parts.scheme, parts.netloc)
    return Origin(parts.scheme, host.strip("[]"), port)


def _spelled(url: str) -> str:
    parts = urlsplit(_slashes(url))
    if parts.scheme not in PORTS or "@" in parts.netloc:
        return _quoted(url.partition("#")[0])
    host, port = _host_and_port(parts.scheme, parts.netloc)
    netloc = host if port == PORTS[parts.scheme] else f"{host}:{port}"
    path = _without_dots(_quoted(parts.path, "?"))
    return urlunsplit((parts.scheme, netloc, path, _quoted(parts.query), ""))


def _slashes(url: str) -> str:
    """Backslashes before the query are slashes, in an http address or a relative one."""
    if re.match(r"(?!https?:)[a-z][a-z0-9+.-]*:", url, re.IGNORECASE):
        return url
    path, mark, rest = re.fullmatch(r"([^?#]*)([?#]?)(.*)", url, re.DOTALL).groups()  # type: ignore[union-attr]  # matches any text
    return f"{path.replace(chr(92), '/')}{mark}{rest}"


def _host_and_port(scheme: str, netloc: str) -> tuple[str, int]:
    name, port = re.fullmatch(r"(.*?)(?::([0-9]*))?", netloc, re.DOTALL).groups()  # type: ignore[union-attr]  # matches any text
    if netloc.endswith("]"):
        name, port = netloc, None
    name = name.lower()
    if not name.isascii():
        name = idna.encode(name, uts46=True).decode("ascii")  # its error is a ValueError
    name = name.removesuffix(".")
    if not _HOST.fullmatch(name) or len(name) > 253 or any(len(label) > 63 for label in name.split(".")):
        raise ValueError("the host is not a usable name")
    number = int(port[:6]) if port else PORTS[scheme]
    if not 0 < number < 65536:
        raise ValueError("no such port")
    return name, number


def _quoted(text: str, also: str = "") -> str:
    """Percent-encode what may not stand in a URL (and the characters of `also`); decode what need not be encoded."""

    def one(match: re.Match[str]) -> str:
        if not match[1]:
            return "%25"
        character = chr(int(match[1], 16))
        return character if _UNRESERVED.match(character) else f"%{match[1].upper()}"

    text = re.sub(r"%([0-9A-Fa-f]{2})?", one, text)
    return quote(text, safe="".join(c for c in _SAFE if c not in also), errors="replace")


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4: `.` and `..` resolved in a path, which comes back with a slash in front."""
    kept: list[str] = []
    segments = path.removeprefix("/").split("/")
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
