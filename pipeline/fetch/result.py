"""What a fetch comes to: a usable body, or a failure with a class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

Kind = Literal["page", "image"]

GONE = "gone"  # 404, 410
REFUSED = "refused"  # 401, 402, 403, 451 and other 4xx; robots.txt; a private address; a scheme that is not http or https
TIMEOUT = "timeout"
UNREACHABLE = "unreachable"  # no such name, no connection, no valid certificate, closed without an answer
BUSY = "busy"  # 429, 503
SERVER_ERROR = "server_error"  # other 5xx
TOO_LARGE = "too_large"
BROKEN = "broken"  # shorter than announced, not decodable, not HTTP
NOT_AN_IMAGE = "not_an_image"
NOT_A_PAGE = "not_a_page"
REDIRECTS = "redirects"  # too many, in a circle, or to nowhere
OPTED_OUT = "opted_out"  # the site reserves it; `opt_outs` says by which signal
FORGOTTEN = "forgotten"  # a person had it taken down; it does not come back
NOT_STORED = "not_stored"  # an offline scrape came upon an address that was never fetched

TRANSIENT = frozenset({TIMEOUT, UNREACHABLE, BUSY, SERVER_ERROR, BROKEN})
"""Classes that may pass by themselves; only these are tried again within one fetch."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """A signal by which the site reserves the resource: its name (as in a manifest's `override_opt_outs`), its text, and where it stood.

    `overridden`: the manifest said not to obey it.
    """

    signal: str
    value: str
    where: str
    overridden: bool


@dataclass(frozen=True)
class Fetched:
    """The outcome for one URL.

    `error` is None or one of the classes above; `detail` says more, for a person. `headers` are the few that are kept
    (names in lower case), the same whether fresh or recalled. `sha256`, `extension` and `size` (bytes) describe the body
    without reading it; None, "" and None for a failure. `opt_outs` are the opt-outs that were met, obeyed or overridden. `fresh`
    is False when memory answered.
    """

    url: str
    final_url: str
    status: int | None = None
    error: str | None = None
    detail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    sha256: str | None = None
    extension: str = ""
    size: int | None = None
    opt_outs: tuple[OptOut, ...] = ()
    fresh: bool = True
    content: bytes | Path = field(default=b"", repr=False)

    @cached_property
    def body(self) -> bytes:
        """The bytes, after decompression; b"" for a failure. A recalled image is read from its file at first use, if it is here."""
        return self.content.read_bytes() if isinstance(self.content, Path) else self.content


class Failed(Exception):
    """A fetch that came to nothing, on its way to becoming a `Fetched`.

    `again`: another attempt may help (by default, when the class is transient). `wait`: seconds the server asked for. `url`:
    the hop that failed, once known.
    """

    def __init__(
        self,
        error: str,
        detail: str,
        *,
        status: int | None = None,
        again: bool | None = None,
        wait: float | None = None,
        opt_outs: tuple[OptOut, ...] = (),
    ) -> None:
        super().__init__(f"{error}: {detail}")
        self.error = error
        self.detail = "".join(letter if letter.isprintable() else "\ufffd" for letter in detail[:500])  # it may quote the site
        self.status = status
        self.again = error in TRANSIENT if again is None else again
        self.wait = wait
        self.opt_outs = opt_outs
        self.url = ""
