"""What a wiki says of itself: its namespaces, by all their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sources.mediawiki.api import Api
from sources.mediawiki.trees import flag, mapping, number, objects, text

ARTICLE, FILE, CATEGORY = 0, 6, 14
ENGLISH = {"file": FILE, "image": FILE, "category": CATEGORY}
"""Names that every wiki understands, whatever its language."""


@dataclass(frozen=True, slots=True)
class Site:
    """Namespace numbers by name (in small letters, with blanks), and the numbers of those that hold articles."""

    spaces: Mapping[str, int]
    content: frozenset[int]

    @classmethod
    def ask(cls, api: Api) -> Site | None:
        """Ask the wiki; None if it cannot be asked. Raises ValueError if it is none."""
        answer = api.ask({"meta": "siteinfo", "siprop": "general|namespacealiases|namespaces"})
        if answer is None:
            return None
        query = mapping(answer.get("query"))
        if not query:
            raise ValueError(f"{api.address}: it answers, but says nothing of a wiki; give the address of a wiki's api.php")
        spaces, content = dict(ENGLISH), {ARTICLE}
        for space in objects(query.get("namespaces")):
            id = number(space.get("id"))
            if id is None:
                continue
            spaces |= {known: id for name in ("name", "*", "canonical") if (known := _plain(text(space.get(name))))}
            if flag(space, "content") and id not in (FILE, CATEGORY):
                content.add(id)
        for alias in objects(query.get("namespacealiases")):
            id, name = number(alias.get("id")), _plain(text(alias.get("alias") or alias.get("*")))
            if id is not None and name:
                spaces.setdefault(name, id)
        return cls(spaces, frozenset(content))

    def split(self, title: str) -> tuple[int, str]:
        """The namespace and the name in a title: `Datei:A_b.png` → (6, "A b.png")."""
        plain = " ".join(title.replace("_", " ").split()).removeprefix(":").strip()
        prefix, colon, name = plain.partition(":")
        space = self.spaces.get(_plain(prefix)) if colon else None
        return (ARTICLE, plain) if space is None else (space, name.strip())

    def names(self, space: int) -> tuple[str, ...]:
        """All names of a namespace, sorted."""
        return tuple(sorted(name for name, id in self.spaces.items() if id == space))


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").split()).casefold()
