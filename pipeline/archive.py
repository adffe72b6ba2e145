"""All that was fetched for a dataset, in one WARC file: the form in which web archives keep and exchange such things.

WARC/1.1 is ISO 28500:2017. The catalog keeps a status, a few headers and the decoded body, not the bytes that came over the wire, so the
file holds `resource` records (a body without its protocol exchange) and no `response` records, which would be made up. What else
is known of each, and of what was asked for in vain, stands in `metadata` records beside them:

    http-status, http-<header>    as the server said; only the headers that the catalog keeps
    final-url                     where the redirects led
    error, error-detail           why there is no body
    body                          `lost`: it was fetched, but its file is gone or damaged
    via                           a page that showed the picture
    sighting, opt-out             JSON objects, one a line
"""

from __future__ import annotations

import io
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from warcio.recordbuilder import RecordBuilder
from warcio.warcwriter import WARCWriter

from pipeline import __version__, files, image_store, images
from pipeline.catalog import Response
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.fetch.client import user_agent
from pipeline.fetch.store import read_body
from pipeline.fetch.url import normal_url
from pipeline.manifest import Manifest
from pipeline.report import Reporter
from sources.base import WebsiteSettings

SUFFIX = ".warc.gz"
_SPECIFICATION = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_FIELDS = "application/warc-fields"
_UNKNOWN = "application/octet-stream"
_MEDIA = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp", "tif": "image/tiff"}
_URI = "%/:?#[]@!$&'()*+,;=~"
"""What a URI may hold besides letters, digits, `-`, `.` and `_`: other characters of a refused address are percent-encoded."""


def archive(dataset: Dataset, out: Path | None, report: Reporter) -> dict[str, Any]:
    """Write the archive (by default `NAME.warc.gz` in the dataset), or leave the one that is there as it was.

    The same dataset gives the same bytes. Returns its path, its size in bytes, the number of records by type, of failures among
    them, of bodies that are lost, and of pictures left out because they are files of this machine. The caller holds the dataset.
    Raises UsageError for a file not named `….warc.gz`, PipelineError when nothing was fetched.
    """
    path = out or dataset.root / f"{dataset.name}{SUFFIX}"
    if not path.name.endswith(SUFFIX) or path.is_dir():
        raise UsageError(f"--out {path}: give a file name that ends in {SUFFIX}; records are compressed one by one")
    survey = _Survey.of(_fetched(dataset))
    if not survey.count:
        raise PipelineError(f"{dataset.root}: nothing in it was fetched from the web, so there is nothing to archive")
    inside = path.resolve().is_relative_to(dataset.root.resolve())
    with files.replacing(path, dataset.scratch if inside else None) as temporary:
        with temporary.open("wb") as file, report.bar("archive", survey.count) as advance:
            writer = _Writer(dataset, file, survey)
            writer.info(path.name)
            for response in _fetched(dataset):
                writer.add(response)
                advance(1)
        size = temporary.stat().st_size
    return {
        "path": str(path),
        "bytes": size,
        "records": dict(sorted(writer.records.items())),
        "failures": writer.failures,
        "lost": writer.lost,
        "local": dataset.catalog.local_count(),
    }


def _fetched(dataset: Dataset) -> Iterator[Response]:
    """What came, or did not come, over the network; in order of URL and kind."""
    return (response for response in dataset.catalog.responses() if not response.url.startswith("file:"))


@dataclass(frozen=True, slots=True)
class _Survey:
    """What must be known before the first record is written: how many answers, the time of the last, bodies that came more than once."""

    count: int
    last: float
    shared: frozenset[str]

    @classmethod
    def of(cls, responses: Iterable[Response]) -> _Survey:
        count, last = 0, 0.0
        seen: set[int] = set()  # 64 bits of each digest: millions must fit; two that share them are only remembered in vain
        shared: set[str] = set()
        for response in responses:
            count, last = count + 1, max(last, response.fetched_at)
            if response.sha256:
                mark = int(response.sha256[:16], 16)
                if mark in seen:
                    shared.add(response.sha256)
                seen.add(mark)
        return cls(count, last, frozenset(shared))


@dataclass(frozen=True, slots=True)
class _Original:
    """The record that holds a body which other records refer to."""

    id: str
    url: str
    date: str


class _Writer:
    """Appends records to an open file. `records` counts them by type, `failures` and `lost` those that tell of no body."""

    def __init__(self, dataset: Dataset, file: BinaryIO, survey: _Survey) -> None:
        self.records: Counter[str] = Counter()
        self.failures = 0
        self.lost = 0
        self._dataset = dataset
        self._survey = survey
        self._warc = WARCWriter(file, gzip=True, warc_version=RecordBuilder.WARC_1_1)
        self._originals: dict[str, _Original] = {}
        self._info = ""

    def info(self, name: str) -> None:
        """The first record: what the others are, and who made them how. Its date is that of the last fetch, not of this run."""
        block = _lines(_about(self._dataset.name, self._dataset.manifest))
        self._info = self._record("warcinfo", "", _date(self._survey.last), _FIELDS, block, {"WARC-Filename": name})

    def add(self, response: Response) -> None:
        """One answer, or one failure, with all that is known of it."""
        known = list(_known(response))
        if response.error is not None or response.sha256 is None:
            self.failures += 1
            self._metadata(response, known, {})
            return
        found = _body(self._dataset, response)
        if found is None:
            self.lost += 1
            self._metadata(response, [*known, ("body", "lost"), ("payload-digest", _label(response.sha256))], {})
            return
        if response.kind == "image":
            known += _seen(response.url, self._dataset.catalog.sightings_of(images.item_id(response.sha256)))
        self._metadata(response, known, {"WARC-Concurrent-To": self._resource(response, response.sha256, *found)})

    def _resource(self, response: Response, sha256: str, body: bytes, media: str) -> str:
        """The body, or a pointer to the record that has it already."""
        url, date, original = _uri(response.url), _date(response.fetched_at), self._originals.get(sha256)
        headers = {"WARC-Payload-Digest": _label(sha256)}
        media = _line(response.headers.get("content-type", "")) or media
        if original is None:
            id = self._record("resource", url, date, media, body, headers)
            if sha256 in self._survey.shared:
                self._originals[sha256] = _Original(id, url, date)
            return id
        headers |= {
            "WARC-Profile": RecordBuilder.REVISIT_PROFILE_1_1,
            "WARC-Refers-To": original.id,
            "WARC-Refers-To-Target-URI": original.url,
            "WARC-Refers-To-Date": original.date,
        }
        return self._record("revisit", url, date, media, b"", headers)

    def _metadata(self, response: Response, known: Iterable[tuple[str, str]], headers: dict[str, str]) -> None:
        self._record("metadata", _uri(response.url), _date(response.fetched_at), _FIELDS, _lines(known), headers)

    def _record(self, kind: str, url: str, date: str, media: str, block: bytes, headers: Mapping[str, str]) -> str:
        """Write a record and return its id, which depends on nothing but what it holds."""
        digest = _label(images.digest(block))
        name = "\n".join([kind, url, date, digest, *headers.values()])
        id = f"<{uuid.uuid5(uuid.NAMESPACE_URL, name).urn}>"
        named = {"WARC-Type": kind, "WARC-Record-ID": id, "WARC-Date": date}
        if self._info:
            named["WARC-Warcinfo-ID"] = self._info
        if kind == "metadata":
            named["WARC-Payload-Digest"] = digest  # of this type block and payload are one
        named |= {**headers, "WARC-Block-Digest": digest}
        record = self._warc.create_warc_record(
            url, kind, payload=io.BytesIO(block), length=len(block), warc_content_type=media, warc_headers_dict=named
        )
        self._warc.write_record(record)
        self.records[kind] += 1
        return id


def _about(name: str, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """The warcinfo's fields; those of the standard by its names."""
    yield "software", f"art-pipeline/{__version__}"
    yield "format", "WARC File Format 1.1"
    yield "conformsTo", _SPECIFICATION
    yield "isPartOf", name
    yield "description", f"{manifest.about} Bodies as decoded, without their protocol exchange.".strip()
    blocks = [block for block in manifest.scrape if isinstance(block, WebsiteSettings)]
    for contact in dict.fromkeys(block.contact for block in blocks if block.contact):
        yield "operator", contact
    for agent in dict.fromkeys(user_agent(block.contact) for block in blocks):
        yield "http-header-user-agent", agent
    yield "robots", "obey"
    if overridden := sorted({name for block in blocks for name in block.override_opt_outs}):
        yield "opt-outs-overridden", ", ".join(overridden)


def _known(response: Response) -> Iterator[tuple[str, str]]:
    yield "kind", response.kind
    if response.status is not None:
        yield "http-status", str(response.status)
    yield "final-url", response.final_url
    if response.error is not None:
        yield "error", response.error
    if response.detail:
        yield "error-detail", response.detail
    for name, value in response.headers.items():
        yield f"http-{name}", value
    for met in response.opt_outs or ():
        yield "opt-out", _json(met)


def _seen(url: str, sightings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The sightings of a picture under this URL; the same bytes may have been seen under others too."""
    here = [one for one in sightings if normal_url(one["image_url"]) == url]
    for page in dict.fromkeys(one["page_url"] for one in here):
        yield "via", page
    for one in here:
        yield "sighting", _json({name: value for name, value in one.items() if value and name != "image_url"})


def _body(dataset: Dataset, response: Response) -> tuple[bytes, str] | None:
    """A body and its media type as far as the file tells; None if the file is lost or is not what was fetched."""
    sha256 = response.sha256 or ""
    try:
        if response.kind == "page":
            body = read_body(dataset.pages, sha256)
            return None if body is None else (body, _UNKNOWN)
        for extension, media in _MEDIA.items():
            if dataset.image_store.size(sha256, extension) is not None:
                body = image_store.read(dataset.image_store.place(sha256, extension))
                return (body, media) if images.digest(body) == sha256 else None
    except OSError:
        return None  # the disk's damage is damage too
    return None


def _lines(fields: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{name}: {_line(value)}\r\n" for name, value in fields).encode()


def _line(text: str) -> str:
    """On one line, without what is not to be seen: nothing from the web may end a field and begin another."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _uri(url: str) -> str:
    return quote(url, safe=_URI)


def _label(sha256: str) -> str:
    return f"sha256:{sha256}"


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True, ensure_ascii=False)
