"""The site's pages: templates filled from the plan. Bytes, as a server sends them, with the type it declares."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from pathlib import PurePosixPath
from string import Template

from sources.demo.plan import NEW_START, SECTION, START, Picture, Unit

SPREAD = {"": " ", "blanks": " \n      ", "break": "<br>\n"}
Body = tuple[bytes, str]
"""A body and its Content-Type."""


def index(series: list[str]) -> Body:
    """The old layout's entrance: links to the series; the first is given twice."""
    links = "\n".join(f'<li><a href="{name}/index.htm">{name.title()}</a></li>' for name in [*series, series[0]])
    return _old("All Series", _fill("old_index.html", links=links, new_start=NEW_START))


def series_list(name: str, units: list[Unit]) -> Body:
    """A series in the old layout. Among its links: one twice, one under the page's old name, one in capitals, one in an old-fashioned
    tag, and one to a page that is not there."""
    robots = [unit for unit in units if unit.kind == "robot"]
    vessels = [unit for unit in units if unit.kind != "robot"]
    lines = [_link(unit.slug, unit.title) for unit in robots]
    lines[1] = _link(moved_slug(robots[1]), robots[1].title)
    lines[2] = _link(robots[2].slug.upper(), robots[2].title)
    lines[3] = f'<A HREF="{robots[3].slug}.htm"><B>{escape(robots[3].title)}</B></A><BR>'
    doubled = [_link(unit.slug, f"{unit.title} (again)") for unit in (robots[0], robots[4])]
    content = _fill(
        "old_series.html",
        title=f"The {name.title()} Series",
        robots="\n".join(lines + doubled),
        vessels="\n".join(_link(unit.slug, unit.title) for unit in vessels),
        repairs=_link(f"{name[:2]}-lost", "a machine whose page was lost"),
    )
    return _old(f"The {name.title()} Series", content)


def moved_slug(unit: Unit) -> str:
    """The name that a unit's page once had, from which the server sends visitors on."""
    return f"{unit.slug}_old"


def unit_page(unit: Unit) -> Body:
    """A unit's page in its layout."""
    return _new_unit(unit) if unit.new else _old_unit(unit)


def new_index(series: list[str]) -> Body:
    """The new layout's entrance."""
    links = "\n".join(f'<li><a href="/{name}/">{name.title()}</a></li>' for name in series)
    return _new("New Machines", _fill("new_list.html", words="The newest machines, series by series.", links=links))


def new_series(name: str, units: list[Unit]) -> Body:
    """A series in the new layout."""
    links = "\n".join(f'<li><a href="{unit.path}">{escape(unit.title)}</a></li>' for unit in units)
    return _new(f"The {name.title()} Series", _fill("new_list.html", words="Mobile suits, ships and vehicles of this series.", links=links))


def lost() -> Body:
    """What the server says when there is nothing."""
    return _old("Not Found", "<p>404 - There is nothing under this address.</p>")


def style(name: str) -> Body:
    """A style sheet, `old` or `new`."""
    return _template(f"{name}.css").encode(), "text/css"


def scaled(picture: Picture, side: int) -> str:
    """The path of the smaller form that the new layout shows."""
    path = PurePosixPath(picture.path)
    return str(path.with_name(f"{path.stem}-{side}x{side}{path.suffix}"))


def _old_unit(unit: Unit) -> Body:
    shown = unit.pictures[0][1]
    choices = [("front view", shown), *unit.pictures[1:]] if len(unit.pictures) > 1 else []
    views = "<br>\n".join(
        f'<input type="radio" name="view" value="{_relative(picture, unit)}" onclick="document.main.src=this.value"> {label}'
        for label, picture in choices
    )
    figures = _figures(unit, SPREAD[unit.spread])
    content = _fill(
        "old_unit.html",
        title=escape(unit.title),
        picture=_relative(shown, unit),
        alt=escape(unit.title),
        views=f'<p align="center" class="small">{views}</p>\n' if views else "",
        figures="<br>\n".join(f"<strong>{label}:</strong> {value}" for label, value in figures.items()),
        history=escape(unit.history),
        note=escape(unit.note),
    )
    return _old(unit.title, content, unit.charset)


def _new_unit(unit: Unit) -> Body:
    picture = unit.pictures[0][1]
    content = _fill(
        "new_unit.html",
        picture=picture.path,
        small=scaled(picture, 300),
        thumbnail=scaled(picture, 150),
        width=str(picture.size[0]),
        alt=escape(unit.title),
        figures="\n".join(f"<li><strong>{label}:</strong> {value}</li>" for label, value in _figures(unit, " ").items()),
        history=escape(unit.history),
        note=escape(unit.note),
    )
    return _new(unit.title, content)


def _figures(unit: Unit, between: str) -> dict[str, str]:
    figures = {label: escape(value) for label, value in unit.figures.items()}
    figures["Unit type"] = figures["Unit type"].replace(" ", between)
    return figures


def _relative(picture: Picture, unit: Unit) -> str:
    """As the old pages write it: the bare file name, or by way of the folder above."""
    folder, _, name = picture.path.rpartition("/")
    return name if folder == f"{SECTION}/{unit.series}" else f"../{folder.rpartition('/')[2]}/{name}"


def _link(slug: str, title: str) -> str:
    return f'<a href="{slug}.htm">{escape(title)}</a><br>'


def _old(title: str, content: str, charset: str = "") -> Body:
    declared = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">\n' if charset == "meta" else ""
    page = _fill("old.html", declared=declared, title=escape(title), content=content, start=START, new_start=NEW_START)
    return page.encode("iso-8859-1"), "text/html; charset=iso-8859-1" if charset == "header" else "text/html"


def _new(title: str, content: str) -> Body:
    return _fill("new.html", title=escape(title), content=content, start=START, new_start=NEW_START).encode(), "text/html; charset=utf-8"


def _fill(name: str, **values: str) -> str:
    return Template(_template(name)).substitute(values)


@cache
def _template(name: str) -> str:
    return (resources.files("sources.demo") / "templates" / name).read_text(encoding="utf-8")
