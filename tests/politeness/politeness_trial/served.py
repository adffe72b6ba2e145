"""What was served, read again without the program's help: robots.txt by robotspy, the rest by the few lines below."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit

from politeness_trial.record import Entry
from robots import RobotsParser

AGENT = "art-pipeline"
TDMREP = "/.well-known/tdmrep.json"
DIRECTIVES = {"noai", "noimageai", "noindex", "noimageindex", "noml", "none"}
REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class Rules:
    """A robots.txt, read by robotspy; what it knows nothing of (Crawl-delay, Content-Usage) by a reader of groups after RFC 9309, 2.2."""

    text: str

    @cached_property
    def parser(self) -> RobotsParser:
        return RobotsParser.from_string(self.text.removeprefix("\ufeff"))

    def allows(self, url: str) -> bool:
        """Whether the path may be asked for."""
        parts = urlsplit(url)
        return parts.path == "/robots.txt" or bool(self.parser.can_fetch(AGENT, f"{parts.path}{'?' if parts.query else ''}{parts.query}"))

    @cached_property
    def group(self) -> list[tuple[str, str]]:
        """The records that are for us: all groups that name us, or else all for everybody."""
        groups: list[tuple[set[str], list[tuple[str, str]]]] = []
        naming = False
        for line in re.split(r"[\r\n]+", self.text.removeprefix("\ufeff")):
            key, _, value = line.partition("#")[0].partition(":")
            key, value = key.strip().lower(), value.strip()
            if key == "user-agent":
                if not naming:
                    groups.append((set(), []))
                groups[-1][0].add(value.lower())
            elif key and groups:
                groups[-1][1].append((key, value))
            naming = key == "user-agent" or (naming and not key)
        for name in (AGENT, "*"):
            ours = [records for names, records in groups if name in names]
            if ours:
                return [record for records in ours for record in records]
        return []

    @cached_property
    def crawl_delay(self) -> float:
        """Seconds; 0 if it says none."""
        said = [value for key, value in self.group if key == "crawl-delay"]
        return max((float(value) for value in said if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value)), default=0.0)

    def reserves(self, path: str) -> bool:
        """Whether a Content-Usage rule keeps the path from training: the longest that matches decides."""
        best = (0, False)
        for key, value in self.group:
            where, _, words = value.rpartition(" ")
            if key == "content-usage" and words.startswith("train-ai=") and path.startswith(where.strip() or "/"):
                best = max(best, (len(where.strip() or "/"), words == "train-ai=n"))
        return best[1]


@lru_cache(4096)
def rules_of(text: str) -> Rules:
    return Rules(text)


def tdm_reserves(document: str, path: str) -> bool:
    """Whether the first rule of a tdmrep.json that matches the path reserves it."""
    try:
        rules = json.loads(document)
    except ValueError:
        return False
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict) and _fits(rule["location"], path):
            return bool(rule["tdm-reservation"] == 1)
    return False


def _fits(pattern: str, path: str) -> bool:
    """As RFC 9309, 2.2.3."""
    text = pattern.removesuffix("$")
    body = ".*".join(re.escape(piece) for piece in text.split("*"))
    return re.match(body + ("$" if pattern.endswith("$") else ""), path) is not None


def opt_outs_of(entry: Entry) -> set[str]:
    """The opt-outs in an answer's headers and on the page, as `override_opt_outs` names them."""
    found: set[str] = set()
    for line in entry.headers.get("x-robots-tag", "").lower().split("\n"):
        name, colon, words = line.rpartition(":")
        if not colon or name.strip() == AGENT:
            found |= {word.strip() for word in words.split(",")} & DIRECTIVES
    if re.search(r"(^|,)\s*train-ai=n\s*(,|$)", entry.headers.get("content-usage", "")):
        found.add("content-usage")
    if entry.headers.get("tdm-reservation") == "1":
        found.add("tdm-reservation")
    if entry.kind == "page":
        for said in re.findall(r'<meta name="(?:robots|art-pipeline)" content="([^"]*)">', entry.body):
            found |= {word.strip() for word in said.split(",")} & DIRECTIVES
    return found


def reserving(entry: Entry) -> set[str]:
    """The opt-outs of an answer that is a page or a picture, or says that an earlier one is still good."""
    if entry.ended is None or entry.trouble or entry.kind not in ("page", "image") or wiki_busy(entry):
        return set()
    return opt_outs_of(entry) if entry.status == 200 or (entry.status == 304 and entry.conditional) else set()


def pause_of(entry: Entry) -> float | None:
    """Seconds that an answer asks for, from its end."""
    said = entry.headers.get("retry-after")
    if said is None or entry.trouble:
        return None
    if re.fullmatch(r"[0-9.]+", said):
        return float(said)
    return max(0.0, parsedate_to_datetime(said).timestamp() - entry.wall_end)


def heeded(entry: Entry) -> bool:
    """Whether an answer's Retry-After is for whatever is asked of the host next: RFC 9110, 10.2.3 names no status, but for redirects."""
    return entry.status not in REDIRECTS


def wiki_busy(entry: Entry) -> bool:
    return entry.status == 200 and entry.headers.get("mediawiki-api-error") == "maxlag"


def may_pass(entry: Entry) -> bool:
    """Whether another attempt may help."""
    if entry.trouble:
        return entry.trouble != "certificate"
    if entry.status in (206, 304):
        return not (entry.status == 304 and entry.conditional)
    return entry.status in (408, 429) or 500 <= entry.status < 600 or wiki_busy(entry)


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def target_of(entry: Entry) -> str:
    """Where a redirect leads; "" if nowhere."""
    if entry.trouble or entry.status not in REDIRECTS or "location" not in entry.headers:
        return ""
    try:
        target = urljoin(entry.url, entry.headers["location"])
        return target if urlsplit(target).scheme in ("http", "https") else ""
    except ValueError:
        return ""
