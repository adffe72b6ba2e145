"""Patterns for the names and addresses of licences in a site's own words, and what each means."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.licences.listed import id_or_reference, listed

UNKNOWN = "NOASSERTION"
RESERVED = "LicenseRef-All-Rights-Reserved"
PUBLIC_DOMAIN = "LicenseRef-Public-Domain"
FAIR_USE = "LicenseRef-Fair-Use"
NO_KNOWN = "LicenseRef-No-Known-Copyright"
SOME_CREATIVE = "LicenseRef-Creative-Commons"

Read = Callable[[re.Match[str]], str]
"""What a match means: an SPDX expression, or nothing."""

GNU = {"AGPL-3.0-or-later": "AGPL", "LGPL-2.0-or-later": "LGPL", "GFDL-1.1-or-later": "GFDL", "GPL-1.0-or-later": "GPL"}
"""Any version of a GNU licence that was ever published → its family."""

COUNTRIES = {
    **{"germany": "de", "deutschland": "de", "austria": "at", "australia": "au", "netherlands": "nl", "united states": "us", "usa": "us"},
    **{"japan": "jp", "france": "fr", "england and wales": "uk", "england & wales": "uk", "united kingdom": "uk"},
}
"""Names of the countries whose ports of Creative Commons licences are on the SPDX list."""


def creative(elements: str, versions: list[str], port: str = "") -> str:
    """The Creative Commons licence with these elements ("Attribution-ShareAlike", "by-sa"), in any order and spelling."""
    spelt = re.sub(r"no[\s-]?deriv", "nd", elements.lower())
    parts = {"attribution": "BY", "by": "BY", "noncomm": "NC", "nc": "NC", "nd": "ND", "share": "SA", "sa": "SA"}
    present = {parts[re.sub(r"[\s-]", "", part)] for part in re.findall(r"attribution|share|non[\s-]?comm|by|nc|nd|sa", spelt)}
    base = "-".join(["CC", *(part for part in ("BY", "NC", "ND", "SA") if part in present)])
    if not versions:
        return f"LicenseRef-{base}"
    numbered = [f"{base}-{_decimal(version)}" for version in versions]
    port = COUNTRIES.get(port.lower(), port)
    return " OR ".join(dict.fromkeys((port and listed().get(f"{one}-{port}".lower())) or id_or_reference(one) for one in numbered))


def _creative_address(match: re.Match[str]) -> str:
    kind = (match["kind"] or "").lower()
    fixed = {"zero": "CC0-1.0", "cc0": "CC0-1.0", "mark": "CC-PDM-1.0", "pdm": "CC-PDM-1.0", "publicdomain": "CC-PDDC", "": SOME_CREATIVE}
    if kind in fixed:
        return fixed[kind]
    if re.fullmatch(r"(?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa))*", kind):
        return creative(kind, [match["version"]] if match["version"] else [], match["port"] or "")
    return id_or_reference(f"CC-{kind.replace('+', '-plus').title()}-{match['version'] or ''}")


def _creative_words(match: re.Match[str]) -> str:
    versions = re.findall(r"\d(?:\.\d)?", match["versions"] or match["early"] or "")
    if not match["cc"] and match["elements"].lower() == "attribution" and not any("." in version for version in versions):
        return ""  # a common word
    return creative(match["elements"], versions, match["port"] or "")


def _gnu(match: re.Match[str]) -> str:
    named, version = match["family"].lower(), match["version"]
    beginnings = {"a": "AGPL", "le": "LGPL", "li": "LGPL", "lg": "LGPL", "gf": "GFDL", "f": "GFDL", "ge": "GPL", "gp": "GPL"}
    family = next(family for beginning, family in beginnings.items() if named.startswith(beginning))
    if not version:
        return next(first for first, of in GNU.items() if of == family)
    later = re.search(r"\+|later|newer", match["tail"] or "", re.I)
    return id_or_reference(f"{family}-{_decimal(version)}-{'or-later' if later else 'only'}")


def _bsd(match: re.Match[str]) -> str:
    kind = (match[1] or match[2] or "").lower()
    clauses = {"simplified": "2", "new": "3", "modified": "3", "revised": "3", "original": "4"}.get(kind, kind)
    return id_or_reference(f"BSD-{clauses}-Clause" if clauses else "BSD")


def _rights_statement(match: re.Match[str]) -> str:
    fixed = {"InC": RESERVED, "NKC": NO_KNOWN, "CNE": "", "UND": ""}
    return fixed.get(match[1], f"LicenseRef-RightsStatements-{match[1]}-1.0")


def _approved(match: re.Match[str]) -> str:
    dotted = re.sub(r"-(\d)$", r".\1", match[1])  # the Open Source Initiative writes apache-2-0
    return listed().get(dotted.lower()) or id_or_reference(match[1])


def _versioned(base: str, otherwise: str) -> Read:
    """`base` with the version that the match names; `otherwise` if it names none."""
    return lambda match: id_or_reference(f"{base}-{_decimal(match['version'])}") if match["version"] else otherwise


def _decimal(version: str) -> str:
    return version if "." in version else f"{version}.0"


ELEMENT = (
    r"(?:attribution|by|share[\s-]?alike|sa|non[\s-]?comm(?:ercial)?(?:[\s-]use)?|nc|no[\s-]?deriv(?:ative|ativ)?s?(?:[\s-]works?)?|nd)"
)
GAP = r"[\s\-_+/,.:&]{0,3}"
_CODES = "|".join(sorted(set(COUNTRIES.values())))
# "CC BY-SA 3.0 de", but not "CC BY 3.0 at example.org"
PORT = rf"(?:[\s-]+(?P<port>igo|(?-i:{_CODES.upper()})|(?:{_CODES})(?=\s*(?:[,;.|)]|$))|{'|'.join(COUNTRIES)})(?![a-z]))?"
VERSIONS = r"(?P<versions>\d(?:\.\d)?(?:(?:\s?[,/&|-]\s?|\s(?:and|or)\s){1,2}\d\.\d){0,9}(?![.\d]*\d))?"
AFTER = rf"(?:{GAP}(?:public )?licen[sc]e)?{GAP}(?:version|ver\.?|v\.?)?\s?{VERSIONS}{PORT}"
MORE = rf"(?:(?:{GAP}|\sand\s){ELEMENT}){{0,5}}(?![a-z])"
VERSION = r"(?:[\s,(-]{0,3}(?:version|ver\.?|v\.?))?[\s-]{0,2}(?P<version>\d(?:\.\d)?)?(?![.\d]*\d)"
LATER = r"(?P<tail>\+|[\s,-]{0,2}(?:or|and)[\s-](?:\(?at your option\)? )?(?:any[\s-])?(?:later|newer)(?: versions?)?|-only)?"
ADDRESS = r"(?<!\S)\S*"  # from the beginning of a word, so that it is looked at once

PATTERNS: tuple[tuple[str, Read | str], ...] = (
    (
        ADDRESS + r"creativecommons\.org(?:/(?:licen[sc]es|publicdomain|share-your-work/public-domain)/(?P<kind>[a-z0-9+-]+)"
        r"(?:/(?P<version>\d\.\d))?(?:/(?!deed|legal)(?P<port>[a-z]{2,4})(?![a-z]))?)?\S*",
        _creative_address,
    ),
    (ADDRESS + r"rightsstatements\.org/(?:vocab|page)/([A-Za-z-]+)\S*", _rights_statement),
    (ADDRESS + r"spdx\.org/licenses/([\w.+-]+?)(?:\.html|\.json)?(?![\w.+-])", lambda match: id_or_reference(match[1])),
    (ADDRESS + r"opensource\.org/licen[sc]es?/([\w.-]+)\S*", _approved),
    (ADDRESS + r"apache\.org/licenses/LICENSE-(?P<version>\d\.\d)\S*", _versioned("Apache", "")),
    (ADDRESS + r"gnu\.org/(?:licenses|copyleft)/(?:old-licenses/)?(?P<family>fdl|l?gpl|agpl)(?:-(?P<version>\d\.\d))?(?P<tail>)\S*", _gnu),
    (ADDRESS + r"artlibre\.org\S*", "LAL-1.3"),
    (ADDRESS + r"nationalarchives\.gov\.uk/doc/open-government-licence(?:/version/(?P<version>\d))?\S*", _versioned("OGL-UK", "")),
    (ADDRESS + r"unlicense\.org\S*", "Unlicense"),
    (ADDRESS + r"opendatacommons\.org/licenses/odbl\S*", "ODbL-1.0"),
    (ADDRESS + r"opendatacommons\.org/licenses/pddl\S*", "PDDL-1.0"),
    (ADDRESS + r"usa\.gov/(?:publicdomain/label|government-works)\S*", PUBLIC_DOMAIN),
    (r"\bcc[\s_-]?(?:0|zero)(?![a-z])(?:[\s-]?v?1\.0)?(?: universal)?(?: public domain dedication)?", "CC0-1.0"),
    (r"\bcreative commons (?:zero|0)(?![a-z])(?:[\s,-]{0,2}v?1\.0)?", "CC0-1.0"),
    (r"\bpublic domain mark(?: ?v?1\.0)?|\bcc[\s-]?pdm(?:[\s-]?1\.0)?\b|\bPDM 1\.0\b", "CC-PDM-1.0"),
    (
        rf"(?<![a-z])(?P<cc>creative[\s_-]?commons|cc)(?:[\s-]licen[sc]ed?)?{GAP}(?:(?P<early>\d\.\d){GAP})?"
        rf"(?P<elements>{ELEMENT}{MORE}){AFTER}",
        _creative_words,
    ),
    (rf"(?<![a-z-])(?P<cc>)(?P<early>)(?P<elements>by(?:-(?:nc|sa|nd)){{1,3}}|attribution{MORE})(?![a-z]){AFTER}", _creative_words),
    (r"\bcreative[\s_-]?commons\b|\bcc[\s-]licen[sc]ed?\b", SOME_CREATIVE),
    (
        r"\b(?:gnu )?(?P<family>(?:(?:affero|lesser|library) )?general public licen[sc]e|free documentation licen[sc]e|[al]?gpl|gfdl"
        rf"|(?<=gnu )fdl){VERSION}{LATER}",
        _gnu,
    ),
    (rf"\b(?:free art licen[sc]e|licence art libre|(?-i:FAL|LAL))\b{VERSION}", _versioned("LAL", "LAL-1.3")),
    (rf"\b(?:uk )?open government licen[sc]e\b(?!\W{{0,3}}canada){VERSION}", _versioned("OGL-UK", "LicenseRef-OGL-UK")),
    (r"\bOGL(?:[\s-]UK)?[\s-]?v?(?P<version>[1-3](?:\.0)?)(?![\w.])", _versioned("OGL-UK", "")),  # 1.0a is a game licence
    (rf"\bOGA[\s-]?BY\b{VERSION}", _versioned("OGA-BY", "LicenseRef-OGA-BY")),
    (rf"\bapache (?:software )?licen[sc]e\b{VERSION}", _versioned("Apache", "LicenseRef-Apache")),
    (r"\bapache[\s-](?:v\.?)?(?P<version>\d(?:\.\d)?)(?![.\d]*\d)", _versioned("Apache", "")),
    (r"\b(?:(new|modified|revised|simplified|original|\d)[\s-]?(?:clause[\s-])?)?(?-i:BSD)(?:[\s-](\d)(?:[\s-]clause)?)?\b", _bsd),
    (r"(?-i:\bMIT\b)(?! (?!or\b|and\b|for\b|licen)\w)|\bmit[\s-]licen[sc]e|\bexpat licen[sc]e", "MIT"),
    (rf"\b(?:(?:sil )?open font licen[sc]e|(?-i:OFL))\b{VERSION}", _versioned("OFL", "OFL-1.1")),
    (r"(?-i:\bODbL\b)|\bopen database licen[sc]e\b", "ODbL-1.0"),
    (r"\bunlicen[sc]e\b", "Unlicense"),
    (r"\bWTFPL\b", "WTFPL"),
    (r"\b(pixabay|unsplash|pexels)(?:\.com/\S*|[\s-](?:content[\s-])?)licen[sc]e\S*", lambda match: f"LicenseRef-{match[1].title()}"),
    (r"\bcopyrighted[\s-]free[\s-]use\b", "LicenseRef-Copyrighted-Free-Use"),
    (r"\bfair[\s_-]?(?:use|dealing)\b|\bnon-?free\b", FAIR_USE),
    (r"\ball rights? (?:are )?reserved\b|\balle rechte vorbehalten\b|\btous droits réservés\b|\btodos los derechos reservados\b", RESERVED),
    (r"\btutti i diritti riservati\b|\btodos os direitos reservados\b|все права защищены|無断転載|禁無断|版权所有", RESERVED),
)
"""Asked in this order; what one has read is not shown to the next."""

ELSE: tuple[tuple[str, str], ...] = (
    (r"\bno (?:known )?(?:copyright )?restrictions?\b|\bno known copyright\b", NO_KNOWN),
    (r"\bnot (?:\w+ ){0,3}public[\s_-]?domain|\bno copyright (?:infringement|intended)", UNKNOWN),
    (r"\bpublic[\s_-]?domain|\bgemeinfrei|\bdomaine public|\bdominio público|\bdomínio público|\bpubblico dominio", PUBLIC_DOMAIN),
    (r"\bPD(?:-[\w-]+)?\b|\bcopyright (?:has )?expired|\b(?:united states|u\.?s\.?) (?:federal )?government work", PUBLIC_DOMAIN),
    (r"\bno copyright\b|\bcopyright[\s-]?free|\bfree of copyright|\bnot copyrighted|\bwithout copyright", UNKNOWN),
    (r"\bcopyright (?:status )?(?:is )?(?:unknown|undetermined|not evaluated)|\bunknown copyright", UNKNOWN),
    (r"©|\(c\)|\bcopyright|\bcopr\.|\bproprietary\b", RESERVED),
    (r"^attribution$", "LicenseRef-Attribution"),
)
"""Asked in this order when nothing was found."""


def _reader(meaning: Read | str) -> Read:
    return (lambda match: meaning) if isinstance(meaning, str) else meaning


RULES = [(re.compile(pattern, re.I), _reader(meaning)) for pattern, meaning in PATTERNS]
LAST = [(re.compile(pattern, re.I), licence) for pattern, licence in ELSE]
