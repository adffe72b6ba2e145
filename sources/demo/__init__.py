"""The demo site: a web site that this program serves to itself on loopback, with every trap of the real thing and a known truth.

Its pages follow mahq's layouts and are read by mahq's source. Its robots are composed from the parts of the robohash package.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from sources.base import Get, Sighting, SourceSettings, WebsiteSettings
from sources.mahq import Mahq

if TYPE_CHECKING:
    from sources.demo.known import Truth
    from sources.demo.site import Site

ROBOT_LICENSE = "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
ROBOT_AUTHOR = "Zikri Kader"
ROBOT_CREDIT = "Robots lovingly delivered by Robohash.org; parts by Zikri Kader, put together and resized for this demo"
OWN_LICENSE = "MIT"
OWN_CREDIT = "Drawn by art-pipeline for its demo"


class DemoSettings(WebsiteSettings):
    """Keys of a `[[scrape]]` block with source = "demo". The same units and seed give the same site, byte for byte."""

    port: int = Field(0, ge=0, le=65535, description="port to serve on; 0: that of `start`, else 8808 or any that is free")
    units: int = Field(300, ge=200, le=660, description="how many unit pages the site has")
    seed: int = Field(0, ge=0, description="another seed, another site")

    @field_validator("start")
    @classmethod
    def _here(cls, value: str) -> str:
        if value and not value.startswith(("http://127.0.0.1:", "http://127.0.0.1/")):
            raise ValueError("the demo site is served on http://127.0.0.1; leave `start` out")
        return value


class Demo(Mahq):
    """The embedded demo site."""

    name = "demo"
    home = "http://127.0.0.1"
    delay = 0.0
    license = f"Robots {ROBOT_LICENSE}; vehicles and photographs {OWN_LICENSE}; recorded for each picture"
    example = "http://127.0.0.1:8808/mecha/gundam/index.htm"
    Settings: ClassVar[type[SourceSettings]] = DemoSettings

    def visit(self, get: Get, settings: WebsiteSettings) -> Iterator[Sighting]:
        """Mahq's walk, with the true licence and credit of each picture."""
        robots = {row.path: row.robot for row in truth(settings)}
        for sighting in super().visit(get, settings):
            robot = robots.get(urlsplit(sighting.image_url).path.lower(), False)
            license, author, credit = (ROBOT_LICENSE, ROBOT_AUTHOR, ROBOT_CREDIT) if robot else (OWN_LICENSE, "", OWN_CREDIT)
            yield replace(sighting, license=license, author=author, credit=credit)

    @contextlib.contextmanager
    def serve(self, settings: WebsiteSettings) -> Iterator[str]:
        """Serve the site while the block runs, and yield where it starts.

        Raises ImportError if robohash is missing, OSError if the port asked for (by `port`, else by `start`) is taken.
        """
        from sources.demo import art, plan, server

        art.parts_folder()
        given = _settings(settings)
        start = urlsplit(given.start)
        with server.serving(site_of(given), given.port or start.port or 0) as port:
            yield f"http://{server.HOST}:{port}{start.path or plan.START}"


def site_of(settings: WebsiteSettings) -> Site:
    """The site that these settings describe."""
    given = _settings(settings)
    return _site(given.units, given.seed)


def truth(settings: WebsiteSettings) -> list[Truth]:
    """What a flawless run would say of every picture on the site: one row per URL path, in path order."""
    from sources.demo import known

    return known.truth(site_of(settings))


@lru_cache(maxsize=2)
def _site(units: int, seed: int) -> Site:
    from sources.demo.site import Site

    return Site(units, seed)


def _settings(settings: WebsiteSettings) -> DemoSettings:
    if not isinstance(settings, DemoSettings):
        raise TypeError(f"the demo source needs DemoSettings, not {type(settings).__name__}")
    return settings
