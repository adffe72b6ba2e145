"""The dataset as Croissant 1.0 describes one (JSON-LD of MLCommons): what `mlcroissant.Dataset(path).records("credits")` loads.

Croissant knows archives and repositories but no plain folder of pictures. So the folder is described as a repository that has been
checked out already; whoever publishes the dataset puts the repository's address there.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pipeline import __version__, licences
from pipeline.credits import table

if TYPE_CHECKING:
    import pandas as pd

RECORDS = "credits"

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            *("citeAs", "column", "equivalentProperty", "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes"),
            *("isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace"),
            *("samplingRate", "separator", "source", "subField", "transform"),
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": "https://schema.org/",
}
"""The @context that the specification prescribes."""

MEDIA = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "bmp": "image/bmp"}
"""By extension. TIFF is not named: mlcroissant would then read all files with another package, while Pillow reads TIFF as well."""

ABOUT = {
    "id": "The picture's id: `i` and the first 16 hexadecimal digits of the SHA-256 of its bytes.",
    "file": "The picture's file name: the SHA-256 of its bytes and its extension.",
    "title": "What the page calls it.",
    "author": "Who made it, as the page says.",
    "credit": "The credit line that its terms ask for.",
    "license": "Its terms in the page's own words.",
    "spdx": "Its terms as an SPDX licence expression.",
    "license_url": "Where the licence can be read.",
    "page_url": "The page it was seen on.",
    "image_url": "The picture's own address there.",
    "source": "The source that found it.",
    "changes": "What was done to it.",
}


def document(
    name: str, about: str, frame: pd.DataFrame, *, csv_sha256: str, folder: str, includes: Sequence[str], published: str
) -> dict[str, Any]:
    """The JSON-LD. `frame` is the table of credits.csv, whose digest is `csv_sha256`; both files stand side by side.

    `folder`: the images folder, relative to them; `includes`: globs in it that match the pictures (see `globs`), none if no picture
    can be decoded; `published`: a date, YYYY-MM-DD.
    """
    pictures = frame["id"].nunique()
    silent = table.unstated(frame)
    sites = _sites(frame["page_url"])
    limits = [f"{silent} of {pictures} pictures come without stated terms; by default all rights are reserved."] if silent else []
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": name,
        "description": about,
        "license": _licences(frame["spdx"]),
        **({"url": sites[0]} if sites else {}),
        "version": "1.0.0",
        "datePublished": published,
        "citeAs": f"{name}: {pictures} pictures, collected with art-pipeline {__version__}. Their authors are named in CREDITS.md.",
        "isLiveDataset": True,  # a later scrape adds to it; and a folder has no checksum
        "rai:dataCollection": f"Collected with art-pipeline {__version__} from {', '.join(sites) or 'files on a disk'}.",
        "rai:dataPreprocessingProtocol": [str(changes) for changes in frame["changes"].unique()],
        **({"rai:dataLimitations": limits} if limits else {}),
        "distribution": [_table(csv_sha256), *(_pictures(folder, includes, frame["file"]) if includes else [])],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": RECORDS,
                "name": RECORDS,
                "description": "One record for each picture and each licence, author, credit and page that it was seen with.",
                "field": [*(_field(column, bool(includes)) for column in table.COLUMNS), *([_image()] if includes else [])],
            }
        ],
    }


def globs(wanted: Iterable[str], others: Iterable[str]) -> list[str]:
    """The fewest globs of the form `prefix*` that match every path in `wanted` and none in `others`; in order.

    No glob is shorter than `ab/*`: a broader one would match the folder's own path.
    """
    rest = sorted(others)
    found: list[str] = []
    for path in sorted(wanted):
        at = bisect.bisect(rest, path)
        shared = max((_shared(path, other) for other in rest[max(0, at - 1) : at + 1]), default=0)  # neighbours share most
        glob = path[: max(3, 1 + shared)] + "*"
        if glob not in found[-1:]:
            found.append(glob)
    return found


def _shared(one: str, other: str) -> int:
    """How many letters two texts begin with alike."""
    return next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), min(len(one), len(other)))


def _table(sha256: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": "credits.csv",
        "name": "credits.csv",
        "description": "The credits as a table.",
        "contentUrl": "credits.csv",
        "encodingFormat": "text/csv",
        "sha256": sha256,
    }


def _pictures(folder: str, includes: Sequence[str], paths: Iterable[str]) -> list[dict[str, Any]]:
    formats = sorted({MEDIA[extension] for path in paths if (extension := path.rpartition(".")[2]) in MEDIA})
    if not {"image/jpeg", "image/png"} & set(formats):
        formats.append("image/png")  # mlcroissant hands any picture to Pillow once one of these two is named
    return [
        {
            "@type": "cr:FileObject",
            "@id": "folder",
            "name": "folder",
            "description": "The folder of pictures, as a checked-out repository; put the repository's address here when it is published.",
            "contentUrl": folder,
            "encodingFormat": "git+https",
        },
        {
            "@type": "cr:FileSet",
            "@id": "pictures",
            "name": "pictures",
            "description": "The pictures as they were fetched, each named by the SHA-256 of its bytes.",
            "containedIn": {"@id": "folder"},
            "includes": list(includes),
            "encodingFormat": formats,
        },
    ]


def _field(column: str, joined: bool) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": "credits.csv"}, "extract": {"column": column}}
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{RECORDS}/{column}",
        "name": column,
        "description": ABOUT[column],
        "dataType": "sc:URL" if column.endswith("_url") else "sc:Text",
        "source": source,
    }
    if column == "file" and joined:  # mlcroissant joins by file name only: it gives a path in the folder another type than a column
        source["transform"] = {"regex": "(?:.*/)?([^/]+)$"}
        field["references"] = {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "filename"}}
    return field


def _image() -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{RECORDS}/image",
        "name": "image",
        "description": "The picture.",
        "dataType": "sc:ImageObject",
        "source": {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "content"}},
    }


def _licences(expressions: Iterable[str]) -> list[str]:
    """The address of each licence, or its id where it has none."""
    found = sorted({one for expression in expressions for one in licences.ids(expression)})
    return list(dict.fromkeys(licences.url(one) or one for one in found))


def _sites(pages: Iterable[str]) -> list[str]:
    """The web sites that pages stand on, the most frequent first."""
    found = [re.match(r"https?://[^/?#\s@]+(?=[/?#]|$)", page, re.I) for page in pages]
    origins = Counter(f"{site[0].lower()}/" for site in found if site)
    return [site for site, _ in sorted(origins.items(), key=lambda entry: (-entry[1], entry[0]))]
