"""Addresses in a web archive: the key under which it files a URL, the folders a URL stands in, and the addresses of captures."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

from sources import html

CAPTURE = re.compile(r"https?://[^/?#]+(?:/[^?#]*?)?/web/([0-9]{1,14})(?:[a-z]{2}_)?/(https?):/+(.+)", re.I | re.S)
"""`…/web/20100501000000id_/http://…`, whatever the host: a page whose links were rewritten carries such addresses to its own host.
A joining of addresses may have eaten one of the slashes."""
WWW = re.compile(r"www\d*\.")
SESSION = re.compile(r"(?:^|&)(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}(?=&|$)")
UNQUOTED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"


def unwrapped(url: str) -> tuple[str, str]:
    """(timestamp, the URL that was captured) of a capture's address; ("", `url`) for any other. The innermost of several wrappings."""
    timestamp = ""
    while found := CAPTURE.fullmatch(url):
        timestamp, url = found[1], f"{found[2].lower()}://{found[3]}"
    return timestamp, url


def key(url: str) -> str:
    """The form under which the archive files a URL: what it takes for one address has one key. Empty for what is no http address.

    `http://www.Example.org:80/A/?b=2&A=1` and `https://example.org/a?a=1&b=2` are both `org,example)/a?a=1&b=2`: without scheme,
    `www.` and default port, the host's parts reversed, dot segments and doubled slashes resolved, in lower case, without a
    trailing slash, the query sorted and without session numbers (the archive's "SURT" form, as its CDX server documents it).
    Keys sort as the archive's index does within a host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    place = _host(host) + (f":{port}" if port not in (None, 80, 443) else "")
    query = SESSION.sub("", _spelled(parts.query))
    asked = "?" + "&".join(sorted(query.split("&"), key=lambda pair: pair.split("=", 1))) if query else ""
    return f"{place}){_path(parts.path)}{asked}"


def folders(url: str) -> list[str]:
    """The folder that an http URL stands in and all above it, deepest first; without a slash at the end, but for the host's root."""
    parts = urlsplit(url)
    inner = [part for part in parts.path.split("/")[:-1] if part]
    paths = ["/" + "/".join(inner[:depth]) for depth in range(len(inner), -1, -1)]
    return [urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in paths]


def within(key: str, folder: str) -> bool:
    """Whether `key` is the folder's own key or stands below it."""
    return key == folder or key.startswith((folder.removesuffix("/") + "/", folder + "?"))


def as_asked(original: str, asked: str) -> str:
    """What a source gets as the URL of the capture of `original`: the same, under the scheme and host that it asked for.

    The archive takes http and https, with and without `www.`, for one site, and captures of one site come from all of them; a
    source that compares hosts must not see it wander. The path and query are the capture's, so that relative links resolve. Only
    a redirect to another site changes the host.
    """
    if key(original).partition(")")[0] != key(asked).partition(")")[0]:
        return html.absolute(original, "") or original
    to, site = urlsplit(original), urlsplit(asked)
    return urlunsplit((site.scheme, site.netloc, to.path or "/", to.query, ""))


def _host(name: str) -> str:
    name = name.lower().strip(".")
    if found := WWW.match(name):
        name = name[found.end() :]
    try:
        ip_address(name)
    except ValueError:
        pass
    else:
        return name
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = quote(name, errors="replace")
    return ",".join(reversed(name.split(".")))


def _path(path: str) -> str:
    kept: list[str] = []
    for part in _spelled(path).split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


def _spelled(text: str) -> str:
    """One spelling for all ways of percent-encoding, in lower case."""
    raw = text.encode("utf-8", "replace")
    while (plain := unquote_to_bytes(raw)) != raw:
        raw = plain
    return quote(raw, safe=UNQUOTED).lower()
