"""Exceptions: other words for some sightings, such as those of one series. The manifest's `[[classify.except]]` tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipeline.curate.judge import Judge, Opinion
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.manifest import ClassifySettings, ExceptSettings

OF_SIGHTING = ("title", "page_url", "source")
"""What an exception may name beside the fields that the page has."""


class Court:
    """Judges sightings by the words that hold for each. Raises UsageError for words that cannot be."""

    def __init__(self, settings: ClassifySettings) -> None:
        self.field = settings.field
        self._settings = settings
        self._patterns = [_pattern(one.value) for one in settings.exceptions]
        self._judges: dict[tuple[int, ...], Judge] = {(): Judge(settings)}
        for number, one in enumerate(settings.exceptions, start=1):
            _check(one, number, settings)

    def __call__(self, sighting: Mapping[str, Any]) -> Opinion:
        """`sighting`: `fields` as a mapping, `title`, `text`, and whatever exceptions name of `page_url` and `source`."""
        value = str(sighting["fields"].get(self.field) or "") if self.field else ""
        said = value, str(sighting["title"]), str(sighting["text"])
        holding = tuple(
            one
            for one, pattern in zip(self._settings.exceptions, self._patterns, strict=True)
            if pattern.fullmatch(_plain(_named(sighting, one.field)))
        )
        usual = self._judge(())(*said)
        if not holding:
            return usual
        opinion = self._judge(holding)(*said)
        if opinion.keep == usual.keep:
            return opinion
        why = " and ".join(f'{one.field} "{one.value}"' for one in holding)
        return opinion._replace(reason=f"{opinion.reason or 'nothing against it'} (by the exception for {why})")

    def _judge(self, holding: tuple[ExceptSettings, ...]) -> Judge:
        key = tuple(self._settings.exceptions.index(one) for one in holding)
        if key not in self._judges:
            self._judges[key] = Judge(with_exceptions(self._settings, holding))
        return self._judges[key]


def with_exceptions(settings: ClassifySettings, holding: tuple[ExceptSettings, ...]) -> ClassifySettings:
    """The settings with the exceptions' words in place; a later one overrules an earlier."""
    keep, drop = list(settings.keep), list(settings.drop)
    for one in holding:
        for mine, other, given in ((keep, drop, one.keep), (drop, keep, one.drop)):
            new = {_plain(word) for word in given}
            other[:] = [word for word in other if _plain(word) not in new]
            mine.extend(given)
    return settings.model_copy(update={"keep": tuple(dict.fromkeys(keep)), "drop": tuple(dict.fromkeys(drop)), "exceptions": ()})


def _check(one: ExceptSettings, number: int, settings: ClassifySettings) -> None:
    if not one.keep and not one.drop:
        raise UsageError(f"classify.except {number} ({one.field} {one.value!r}): give it `keep` or `drop` words, or take it out")
    try:
        Judge(settings.model_copy(update={"keep": one.keep, "drop": one.drop, "exceptions": ()}))
    except UsageError as error:
        raise UsageError(f"classify.except {number} ({one.field} {one.value!r}): {str(error).removeprefix('classify: ')}") from None


def _named(sighting: Mapping[str, Any], name: str) -> str:
    fields = sighting["fields"]
    return str(fields[name] or "") if name in fields else str(sighting.get(name) or "") if name in OF_SIGHTING else ""


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-\u2010\u2011]", " ", text).casefold().split())


def _pattern(value: str) -> re.Pattern[str]:
    first, *between = ("".join("." if letter == "?" else re.escape(letter) for letter in part) for part in _plain(value).split("*"))
    if not between:
        return re.compile(first, re.DOTALL)
    # Each part is taken where it is first found and never tried again further on, so that many stars do not cost much.
    middle = "".join(f"(?>.*?{part})" for part in between[:-1])
    return re.compile(f"{first}{middle}.*{between[-1]}", re.DOTALL)
