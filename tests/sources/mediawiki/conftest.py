"""A small wiki in memory, hand-built for tests: it answers addresses of an api.php as MediaWiki documents it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from sources.base import Page

API = "https://wiki.example.org/w/api.php"
LISTS = {"categories": "cl", "imageinfo": "ii", "templates": "tl"}
"""Properties that may not fit into one answer, and the prefixes of their parameters."""


class Wiki:
    """Pages by title. `member_limit` and `prop_limit` bound what one answer holds, so that questions have to be continued.

    `names` are the wiki's own names for the namespaces 6 and 14. `asked` are the parameters of every question so far; `broken`
    are whole answers, by the number of the question.
    """

    def __init__(self, api: str = API, *, member_limit: int = 500, prop_limit: int = 500, names: Mapping[int, str] | None = None) -> None:
        self.api = api
        self.member_limit, self.prop_limit = member_limit, prop_limit
        self.names = {0: "", 6: "File", 10: "Template", 14: "Category", **(names or {})}
        self.pages: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.urls: list[str] = []
        self.broken: dict[int, bytes | None] = {}

    # What the wiki holds

    def article(self, title: str, wikitext: str = "", categories: Iterable[str] = (), **more: Any) -> None:
        self._add(0, title, {"text": wikitext, "categories": list(categories), **more})

    def file(
        self,
        name: str,
        categories: Iterable[str] = (),
        *,
        mime: str = "image/png",
        metadata: Any = None,
        templates: Iterable[str] = (),
        info: Mapping[str, Any] | None = None,
        versions: int = 1,
        **more: Any,
    ) -> None:
        plain = name.replace(" ", "_")
        told = {
            "size": 1000,
            "width": 300,
            "height": 400,
            "url": f"https://files.example.org/a/ab/{quote(plain)}",
            "descriptionurl": f"https://wiki.example.org/wiki/File:{quote(plain)}",
            "mime": mime,
            "extmetadata": metadata or {"ObjectName": {"value": name, "source": "mediawiki-metadata", "hidden": ""}},
        }
        versions_told = [told if info is None else dict(info)] + [
            {**told, "url": f"https://files.example.org/old/{n}"} for n in range(1, versions)
        ]
        self._add(6, name, {"categories": list(categories), "templates": list(templates), "imageinfo": versions_told, **more})

    def category(self, name: str, categories: Iterable[str] = ()) -> None:
        self._add(14, name, {"categories": list(categories)})

    def redirect(self, title: str, target: str, categories: Iterable[str] = ()) -> None:
        self._add(0, title, {"redirect": target, "categories": list(categories)})

    def _add(self, space: int, name: str, page: dict[str, Any]) -> None:
        title = self._title(space, name)
        self.pages[title] = {"pageid": len(self.pages) + 1, "ns": space, "title": title, **page}

    def _title(self, space: int, name: str) -> str:
        return f"{self.names[space]}:{name}" if space else name

    # What it answers

    def __call__(self, url: str) -> Page | None:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        params = dict(pairs)
        assert len(params) == len(pairs), "a parameter is given twice"
        self.asked.append(params)
        self.urls.append(url)
        if (number := len(self.asked) - 1) in self.broken:
            body = self.broken[number]
            return None if body is None else Page(url, body, {"content-type": "application/json"})
        if f"{parts.scheme}://{parts.netloc}{parts.path}" != self.api:
            return None
        for name, value in {"action": "query", "format": "json", "formatversion": "2", "maxlag": "5"}.items():
            assert params[name] == value
        return Page(url, json.dumps(self.answer(params)).encode(), {"content-type": "application/json; charset=utf-8"})

    def answer(self, params: Mapping[str, str]) -> dict[str, Any]:
        if params.get("meta") == "siteinfo":
            return {"batchcomplete": True, "query": self._siteinfo()}
        if params.get("list") == "categorymembers":
            return self._members(params)
        return self._titles(params)

    def _siteinfo(self) -> dict[str, Any]:
        english = {0: "", 6: "File", 10: "Template", 14: "Category"}
        spaces = {
            str(id): {"id": id, "case": "first-letter", "name": name, "subpages": False, "content": id == 0, "nonincludable": False}
            | ({"canonical": english[id]} if id else {})
            for id, name in self.names.items()
        }
        aliases = [{"id": 6, "alias": "Image"}, {"id": 14, "alias": "Cat"}]
        return {"general": {"sitename": "Test", "server": "//wiki.example.org"}, "namespaces": spaces, "namespacealiases": aliases}

    def _members(self, params: Mapping[str, str]) -> dict[str, Any]:
        title = self._normal(params["cmtitle"])
        if not title.startswith(self.names[14] + ":"):
            return {"error": {"code": "invalidcategory", "info": "The category name you entered is not valid.", "docref": "See …"}}
        name, kinds = title.partition(":")[2], params["cmtype"].split("|")
        kind_of = {0: "page", 6: "file", 14: "subcat"}
        members = [
            {"pageid": page["pageid"], "ns": page["ns"], "title": page["title"], "type": kind}
            for kind in kinds
            for page in self.pages.values()
            if kind_of.get(page["ns"], "page") == kind and name in page["categories"]
        ]
        begin = int(params.get("cmcontinue", "page|0").rpartition("|")[2])
        answer: dict[str, Any] = {"query": {"categorymembers": members[begin : begin + self.member_limit]}}
        if begin + self.member_limit < len(members):
            answer["continue"] = {"cmcontinue": f"page|{begin + self.member_limit}", "continue": "-||"}
        return {"batchcomplete": True, **answer}

    def _titles(self, params: Mapping[str, str]) -> dict[str, Any]:
        titles = params["titles"].split("|")
        assert 1 <= len(titles) <= 50
        query: dict[str, Any] = {}
        found: dict[str, dict[str, Any]] = {}
        for title in titles:
            normal = self._normal(title)
            if normal != title:
                query.setdefault("normalized", []).append({"fromencoded": False, "from": title, "to": normal})
            if "<" in normal:
                found[normal] = {"title": normal, "invalidreason": "The requested page title contains invalid characters.", "invalid": True}
                continue
            target = self.pages.get(normal, {}).get("redirect")
            if target and "redirects" in params:
                query.setdefault("redirects", []).append({"from": normal, "to": target})
                normal = target
            found[normal] = self._basis(normal)
        props = params["prop"].split("|")
        done = params.get("continue", "||").partition("||")[2].split("|")
        further: dict[str, str] = {}
        finished = []
        for prop in props:
            if prop in done:
                finished.append(prop)
            elif prop in LISTS:
                further |= self._listed(prop, found, params)
                finished += [] if any(name.startswith(LISTS[prop]) for name in further) else [prop]
            else:
                self._given(prop, found, params)
                finished.append(prop)
        query["pages"] = sorted(found.values(), key=lambda page: page.get("pageid", 0))  # as MediaWiki does: not as asked for
        if further:
            return {"continue": {**further, "continue": "||" + "|".join(finished)}, "query": query}
        return {"batchcomplete": True, "query": query}

    def _basis(self, title: str) -> dict[str, Any]:
        page = self.pages.get(title)
        space = next((id for id, name in self.names.items() if id and title.startswith(name + ":")), 0)
        if page is None:
            return {"ns": space, "title": title, "missing": True}
        if page.get("shared"):
            return {"ns": space, "title": title, "missing": True, "known": True}
        return {name: page[name] for name in ("pageid", "ns", "title")}

    def _listed(self, prop: str, found: Mapping[str, dict[str, Any]], params: Mapping[str, str]) -> dict[str, str]:
        """Add a property's items, as many as fit; the parameters that continue it."""
        prefix = LISTS[prop]
        items = [(page, item) for page in found.values() for item in self._items(prop, page, params)]
        begin = int(params.get(f"{prefix}continue", "0|x").partition("|")[0])
        for page, item in items[begin : begin + self.prop_limit]:
            page.setdefault(prop, []).append(item)
        if prop == "imageinfo":
            files = [page for page in found.values() if page.get("ns") == 6]
            for page in files:
                held = self.pages.get(page["title"], {})
                if page.get("imageinfo") or not held:
                    page["imagerepository"] = "shared" if held.get("shared") else "local" if held else ""
            if len(files) == 1 and (versions := self.pages.get(files[0]["title"], {}).get("imageinfo", [])):
                at = int(params.get("iistart", "0"))
                files[0]["imageinfo"] = [versions[at]]
                return {"iistart": str(at + 1)} if at + 1 < len(versions) else {}
        return {f"{prefix}continue": f"{begin + self.prop_limit}|x"} if begin + self.prop_limit < len(items) else {}

    def _items(self, prop: str, page: Mapping[str, Any], params: Mapping[str, str]) -> list[dict[str, Any]]:
        held = self.pages.get(page.get("title", ""), {})
        if prop == "imageinfo":
            return held.get("imageinfo", [])[:1]
        if held.get("shared"):
            return []  # its page is on the other wiki
        space, names = (14, held.get("categories", [])) if prop == "categories" else (10, held.get("templates", []))
        hidden = params.get("clshow") == "!hidden"
        wanted = params.get("tltemplates", "").split("|")
        titles = [self._title(space, name) for name in names if not (hidden and name.startswith("Hidden"))]
        return [
            {"ns": space, "title": title} for title in titles if prop == "categories" or f"Template:{title.partition(':')[2]}" in wanted
        ]

    def _given(self, prop: str, found: Mapping[str, dict[str, Any]], params: Mapping[str, str]) -> None:
        for title, page in found.items():
            held = self.pages.get(title, {})
            if prop == "info" and not page.get("invalid"):
                page["fullurl"] = f"https://wiki.example.org/wiki/{quote(title.replace(' ', '_'), safe=':/')}"
            elif prop == "revisions" and "text" in held:
                assert params["rvslots"] == "main"
                slot = {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": held["text"]}
                page["revisions"] = [{"slots": {"main": slot}}]
            elif prop == "pageimages":
                page |= {name: held[name] for name in ("pageimage", "original") if name in held}
            elif prop == "categoryinfo":
                name = title.partition(":")[2]
                spaces = [other["ns"] for other in self.pages.values() if name in other["categories"]]
                if held or spaces:
                    sub, files = spaces.count(14), spaces.count(6)
                    page["categoryinfo"] = {
                        "size": len(spaces),
                        "pages": len(spaces) - sub - files,
                        "files": files,
                        "subcats": sub,
                        "hidden": False,
                    }

    def _normal(self, title: str) -> str:
        plain = " ".join(title.replace("_", " ").split())
        prefix, colon, name = plain.partition(":")
        for id, english in ((6, "file"), (6, "image"), (10, "template"), (14, "category"), (14, "cat")):
            if colon and prefix.casefold() in (english, self.names[id].casefold()):
                return f"{self.names[id]}:{name.strip()[:1].upper()}{name.strip()[1:]}"
        return plain[:1].upper() + plain[1:]


@pytest.fixture
def new_wiki() -> Callable[..., Wiki]:
    """Makes wikis."""
    return Wiki
