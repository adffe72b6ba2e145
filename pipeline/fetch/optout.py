"""How a site says that its work is to stay out of datasets. Pure functions of headers, pages and files; others decide whether to obey.

- Robots directives (`noai`, `noimageai`, `noindex`, …) in the X-Robots-Tag header and in `<meta name="robots">`.
- AIPREF: Content-Usage in headers and in robots.txt (draft-ietf-aipref-vocab and -attach of the IETF), and Cloudflare's
  Content-Signal, which says the same in other words.
- The TDM Reservation Protocol (final report of the W3C community group, 10 May 2024): header, `<meta>`, `/.well-known/tdmrep.json`.

Nothing here raises for what a site sends: what makes no sense says nothing. Everything takes time in proportion to its input.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from pipeline.fetch import structured
from pipeline.fetch.metas import metas
from pipeline.fetch.patterns import Pattern, spelling

DIRECTIVES = ("noai", "noimageai", "noindex", "noimageindex", "noml", "none")
USAGE = "content-usage"
RESERVATION = "tdm-reservation"

ARCHIVED = ("", "x-archive-orig-")
"""Before a header's name: nothing, or what web archives put there to keep the original site's header."""

TRAINING = ("train-genai", "genai", "train-ai", "ai-train", "ai", "tdm", "bots", "all")
"""Labels that cover the training of a generative model, the narrowest first. The drafts renamed them: vocab-00 had tdm, ai and genai,
-02 bots, train-ai and train-genai, -04 all; since -06 train-ai means the training of generative models."""

WORDS = {USAGE: ("y", "n"), "content-signal": ("yes", "no")}
"""The header fields and robots.txt rules that state a preference, with their words for allowing and reserving."""

SHOWN = 200
"""Characters of a signal's value that are kept."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One opt-out. `name` is a directive, content-usage or tdm-reservation; `value` what was written, on one line; `where` it stood."""

    name: str
    value: str
    where: str


def in_headers(headers: Mapping[str, str], agent: str) -> list[Signal]:
    """The opt-outs in an answer's headers: names in lower case, the values of a repeated field joined by line ends.

    `agent` is our product token: directives that name another robot are not for us.
    """
    found: list[Signal] = []
    for prefix in ARCHIVED:
        for line in headers.get(f"{prefix}x-robots-tag", "").splitlines():
            found += _directives(line, agent, "X-Robots-Tag")
        for name, title in ((USAGE, "Content-Usage"), ("content-signal", "Content-Signal")):
            found += _preference(name, ", ".join(headers.get(prefix + name, "").splitlines()), title)
        found += _reservation(headers.get(prefix + RESERVATION, ""), "tdm-reservation header")
    return _distinct(found)


def in_page(body: bytes, agent: str) -> list[Signal]:
    """The opt-outs in a page's `<meta>` tags, wherever they stand in it."""
    return _distinct(_in_metas(body, agent))


def _in_metas(body: bytes, agent: str) -> Iterator[Signal]:
    for tag in metas(body):
        content, name = tag.get("content", ""), tag.get("name", "").strip().lower()
        instead_of = tag.get("http-equiv", "").strip().lower()
        if name in ("robots", agent.lower()):
            yield from _directives(content, agent, f"meta {name}")
        elif name == RESERVATION:
            yield from _reservation(content, "meta tdm-reservation")
        if instead_of == "x-robots-tag":
            yield from _directives(content, agent, "meta x-robots-tag")
        elif instead_of in WORDS:
            yield from _preference(instead_of, content, f"meta {instead_of}")


@dataclass(frozen=True, slots=True)
class RobotsUsage:
    """The preferences in a robots.txt, of the group that is for us: rule name, path pattern, preference."""

    rules: tuple[tuple[str, Pattern, str], ...]

    @classmethod
    def parse(cls, text: str, agent: str) -> Self:
        """Read a robots.txt. A rule before the first group is taken as one for everybody, though RFC 9309 leaves it out."""
        us, ours, everybodys = _product(agent), [], []
        named, for_us, for_all, listing = False, False, True, False
        for line in re.split(r"[\r\n]+", text.lstrip("\ufeff")):
            key, colon, value = line.partition("#")[0].partition(":")
            key, value = key.strip(" \t").lower(), value.strip(" \t")
            if key == "user-agent" and colon:
                for_us, for_all, listing = for_us and listing, for_all and listing, True  # names one after another share a group
                for_us, for_all = for_us or _product(value) == us, for_all or value == "*"
                named = named or for_us
            elif key in WORDS and colon:
                rule, listing = _usage_rule(key, value), False
                ours += [rule] if for_us else []
                everybodys += [rule] if for_all else []
            elif key in ("allow", "disallow"):
                listing = False
        return cls(tuple(ours if named else everybodys))

    def signals(self, path: str) -> list[Signal]:
        """The opt-outs for a path with its query. The longest pattern decides; of equally long ones any that reserves."""
        spelt = spelling(path or "/")
        found: list[Signal] = []
        for kind, title in ((USAGE, "Content-Usage in robots.txt"), ("content-signal", "Content-Signal in robots.txt")):
            matching = [(pattern.length, value) for name, pattern, value in self.rules if name == kind and pattern.matches(spelt)]
            longest = max((length for length, _ in matching), default=0)
            for length, value in matching:
                found += _preference(kind, value, title) if length == longest else []
        return _distinct(found)


@dataclass(frozen=True, slots=True)
class TdmRep:
    """The rules of a `/.well-known/tdmrep.json`, in its order: location pattern, whether it reserves, the rule as written."""

    rules: tuple[tuple[Pattern, bool, str], ...]

    @classmethod
    def parse(cls, document: bytes) -> Self:
        """Read the file; what is no JSON, or no rule, is left out."""
        try:
            listed = json.loads(document)
        except (ValueError, RecursionError):
            return cls(())
        rules = []
        for rule in listed if isinstance(listed, list) else [listed]:
            if not isinstance(rule, dict) or not isinstance(rule.get("location"), str):
                continue
            reserved = _reserved(rule.get(RESERVATION))
            if reserved is not None:
                written = {name: rule[name] for name in ("location", RESERVATION)}
                rules.append((Pattern.parse(rule["location"]), reserved, _shown(json.dumps(written, ensure_ascii=False))))
        return cls(tuple(rules))

    def signals(self, path: str) -> list[Signal]:
        """The opt-out for a path, if there is one: the first rule that matches counts, as the report says."""
        spelt = spelling(path or "/")
        reserved, written = next(((reserved, written) for pattern, reserved, written in self.rules if pattern.matches(spelt)), (False, ""))
        return [Signal(RESERVATION, written, "tdmrep.json")] if reserved else []


# `unavailable_after: Monday, 25-Jun-30 15:00:00 GMT, noai`: a colon follows a robot's name, a directive with a value, or an hour.
_NAMED = re.compile(r"\s*(\d*[A-Za-z_*][\w.*/-]*)\s*:(.*)", re.DOTALL)
_VALUED = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


def _directives(line: str, agent: str, where: str) -> Iterator[Signal]:
    """The directives of one line that are for us; a robot's name holds until the next one."""
    ours, said = True, dict[str, None]()
    for part in line.split(","):
        named = _NAMED.match(part)
        if named and named[1].lower() in _VALUED:
            continue
        if named:
            ours = _product(named[1]) in ("*", _product(agent))
        if ours:
            said.update(dict.fromkeys(re.split(r"[\s;]+", (named[2] if named else part).lower())))
    shown = _shown(line)
    yield from (Signal(word, shown, where) for word in said if word in DIRECTIVES)


def _preference(name: str, text: str, where: str) -> Iterator[Signal]:
    """The opt-out in a stated preference: the narrowest label that covers training and has one of the two words decides."""
    values = structured.tokens(text.strip())
    said = next((values[label] for label in TRAINING if values.get(label) in WORDS[name]), "")
    if said == WORDS[name][1]:
        yield Signal(USAGE, _shown(text), where)


def _usage_rule(name: str, value: str) -> tuple[str, Pattern, str]:
    """A rule of robots.txt; without a path (as in the first drafts) it is for the whole site."""
    path, blank, preference = value.replace("\t", " ").partition(" ")
    if blank and path.startswith(("/", "*")):
        return name, Pattern.parse(path), preference.strip()
    return name, Pattern.parse("/"), value


def _reservation(text: str, where: str) -> Iterator[Signal]:
    if any(_reserved(value.strip()) for line in text.splitlines() for value in line.split(",")):
        yield Signal(RESERVATION, _shown(text), where)


def _reserved(value: object) -> bool | None:
    """Whether a tdm-reservation reserves; None for all but 0 and 1, which say nothing."""
    if isinstance(value, bool) or value not in (0, 1, "0", "1"):
        return None
    return value in (1, "1")


def _product(agent: str) -> str:
    """The product token of a robot's name, for comparing: `Art-Pipeline/1.0 (+…)` → `art-pipeline`."""
    return re.split(r"[/\s]", agent.strip(), maxsplit=1)[0].lower()


def _shown(text: str) -> str:
    """One line without control characters or halves of surrogate pairs, which a catalog could not store."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 10 * SHOWN]).split())[:SHOWN]


def _distinct(signals: Iterable[Signal]) -> list[Signal]:
    """The first signal of each name and place."""
    found: dict[tuple[str, str], Signal] = {}
    for signal in signals:
        found.setdefault((signal.name, signal.where), signal)
    return list(found.values())
