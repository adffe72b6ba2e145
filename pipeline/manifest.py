"""A manifest is a TOML recipe for one dataset. This module loads one, checks every key, and applies `--set`.

Sources, filters and training presets declare their own settings; their registries are asked for them here, so that adding one
touches one file.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Self, get_args

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator
from tomlkit.exceptions import TOMLKitError

import sources.base
from pipeline.curate import filters
from pipeline.errors import PipelineError, UsageError
from pipeline.train import presets

SCHEMA = 1


class Settings(BaseModel):
    """Base of every section: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ExceptSettings(Settings):
    """Words that hold for some sightings only; a word of the other list changes sides."""

    field: str = Field(min_length=1, description="a field of the sighting, such as series; or title, page_url, source")
    value: str = Field(min_length=1, description="what stands there, whatever its case; * stands for any text, ? for one letter")
    keep: tuple[str, ...] = Field((), description="words that speak for an item here")
    drop: tuple[str, ...] = Field((), description="words that speak against it here")


class ClassifySettings(Settings):
    """Keyword rules; with no words at all every item is kept."""

    field: str = Field("", description="the sighting's field that decides, such as unit_type; empty: the page text alone")
    keep: tuple[str, ...] = Field((), description="words and phrases that speak for an item")
    drop: tuple[str, ...] = Field((), description="words and phrases that speak against it")
    exceptions: tuple[ExceptSettings, ...] = Field((), alias="except", description="[[classify.except]]: other words for a series")


class DedupSettings(Settings):
    """What counts as the same picture."""

    hash: Literal["phash"] = "phash"
    distance: int = Field(10, ge=0, le=16, description="largest Hamming distance of 64-bit hashes that makes two items candidates")
    kinds: tuple[Literal["re-encoded", "resized", "cropped", "padded", "rotated", "mirrored", "recolour"], ...] = Field(
        ("re-encoded", "resized", "cropped", "padded", "rotated", "mirrored"),
        description="in which ways a copy may differ and still be a duplicate; equal pixels always are one",
    )

    @model_validator(mode="before")
    @classmethod
    def _mirror(cls, given: Any) -> Any:
        """Older manifests say `mirror = false` where they mean kinds without "mirrored"."""
        if not isinstance(given, dict) or not isinstance(given.get("mirror"), bool):
            return given
        rest = {key: value for key, value in given.items() if key != "mirror"}
        if not given["mirror"]:
            rest["kinds"] = [kind for kind in rest.get("kinds", cls.model_fields["kinds"].default) if kind != "mirrored"]
        return rest


class FacingSettings(Settings):
    """What counts as knowing which way a picture faces."""

    use: Literal["verdicts", "suggested"] = Field("verdicts", description="who is believed: people alone, or suggestions too")
    confidence: float = Field(0.95, ge=0.5, le=1, description="least confidence of a suggestion that is believed")


class AugmentSettings(Settings):
    """What is done to the pictures of the shards, and the copies added to the training split."""

    facing: Literal["", "left", "right"] = Field("", description="turn all to this side that are known to face the other one")

    mirror: bool = Field(False, description="add a mirrored copy of every picture")
    copies: int = Field(
        0, ge=0, le=100, description="how many further copies, each changed in all the ways below (and of either side, if mirror)"
    )
    brightness: tuple[float, float] = Field((1.0, 1.0), description="range of the factor for every colour value, 0.1 to 3")
    contrast: tuple[float, float] = Field((1.0, 1.0), description="range of the factor for the distance from middle gray, 0.1 to 3")
    saturation: tuple[float, float] = Field((1.0, 1.0), description="range of the factor for colourfulness, 0 (gray) to 3")
    hue: float = Field(0, ge=0, le=180, description="degrees that hues are turned by, at most, either way")
    rotate: float = Field(0, ge=0, le=45, description="degrees that the picture is turned by, at most, either way")
    zoom: tuple[float, float] = Field((1.0, 1.0), description="range of the factor of enlargement, 0.5 to 2")
    blur: float = Field(0, ge=0, le=8, description="largest standard deviation of a Gaussian blur, pixels of the square")
    noise: float = Field(0, ge=0, le=64, description="largest standard deviation of added noise, levels of 255")
    desaturate: float = Field(0, ge=0, le=1, description="largest share of the square that loses its colour, in patches")

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if self.facing and self.mirror:
            raise ValueError("mirror adds the other side, and facing turns all to one; use one of them")
        return self

    @property
    def idle(self) -> list[str]:
        """The changes that are set and not made, since they are of further copies and there are none."""
        if self.copies:
            return []
        changes = {name: field.default for name, field in type(self).model_fields.items() if name not in ("facing", "mirror", "copies")}
        return sorted(name for name, default in changes.items() if getattr(self, name) != default)

    @field_validator("brightness", "contrast", "saturation", "zoom")
    @classmethod
    def _ordered(cls, value: tuple[float, float], info: ValidationInfo) -> tuple[float, float]:
        least, most = {"saturation": (0, 3), "zoom": (0.5, 2)}.get(str(info.field_name), (0.1, 3))
        if not least <= value[0] <= value[1] <= most:
            raise ValueError(f"give [low, high] with {least} <= low <= high <= {most}")
        return value


Format = Literal["tfrecord", "webdataset", "imagefolder", "stylegan"]
FORMATS = get_args(Format)
"""What shards may be written as; each has a file in pipeline/shards/formats."""


class ShardSettings(Settings):
    """The form in which the curated set is written for trainers."""

    format: tuple[Format, ...] = Field(("tfrecord",), description="one or several; each has a folder of its own")
    size: int = Field(64, ge=32, le=1024, description="pixels on a side")
    fit: Literal["pad", "crop"] = Field("pad", description="`pad`: the whole picture; `crop`: the square around the subject's middle")
    pad: str = Field(
        "background",
        description="`background`: each edge goes on into the picture's own colour; `flat`: that colour alone; or a colour such as #ffffff",
    )
    alpha: str = Field(
        "", description="the colour that transparency is laid on; empty: the padding's, white where that is the picture's own"
    )
    mode: Literal["rgb", "gray", "rgba"] = Field("rgb", description="channels of the squares; `rgba` keeps transparency")
    encoding: Literal["png", "jpeg"] = "png"
    shards: int = Field(0, ge=0, le=10000, description="shards of the training split; 0: a power of two, of up to a thousand examples")
    validation: float = Field(0.1, ge=0, lt=1, description="share of clusters set aside for validation")
    split_by: Literal["cluster", "series"] = Field("cluster", description="what never stands in two splits: copies, or whole series too")
    seed: int = 0
    label: str = Field("series", description="the sighting's field written as the label")

    @field_validator("format", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, (list, tuple)) or not names or not all(name in FORMATS for name in names):
            raise ValueError(f"give one or several of {', '.join(FORMATS)}")
        return list(dict.fromkeys(names))

    @field_validator("size")
    @classmethod
    def _power_of_two(cls, value: int, info: ValidationInfo) -> int:
        if "stylegan" in info.data.get("format", ()) and value & (value - 1):
            raise ValueError("for the format stylegan give 32, 64, 128, 256, 512 or 1024, which its networks take")
        return value

    @field_validator("pad", "alpha")
    @classmethod
    def _colour(cls, value: str, info: ValidationInfo) -> str:
        words = ("background", "flat") if info.field_name == "pad" else ("",)
        if value not in words and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError(
                "give `background`, `flat` or a colour such as #ffffff" if "flat" in words else "give a colour such as #ffffff"
            )
        return value

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.mode == "rgba" and self.encoding == "jpeg":
            raise ValueError("encoding `jpeg` holds no transparency; use png, or mode `rgb`")
        if self.mode == "rgba" and self.alpha:
            raise ValueError("mode `rgba` keeps transparency, so there is nothing to lay on `alpha`; take one of them out")
        return self


SECTIONS: dict[str, type[BaseModel]] = {
    "classify": ClassifySettings,
    "dedup": DedupSettings,
    "facing": FacingSettings,
    "augment": AugmentSettings,
    "shard": ShardSettings,
}
TOP_KEYS = ("schema", "name", "about", "scrape", "classify", "filter", "dedup", "facing", "augment", "shard", "train")


@dataclass(frozen=True)
class Manifest:
    """A checked recipe. `filter` maps filter names to their settings in the order the file gives; that order is the rule's."""

    name: str
    about: str
    scrape: tuple[sources.base.SourceSettings, ...]
    classify: ClassifySettings
    filter: Mapping[str, BaseModel]
    dedup: DedupSettings
    facing: FacingSettings
    augment: AugmentSettings
    shard: ShardSettings
    train: presets.TrainSettings
    text: str
    """The TOML this was read from."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a manifest file. Raises UsageError (file, key, nearest valid name) for anything wrong with it."""
        try:
            text = path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise UsageError(f"{path}: no such file") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read as UTF-8 text ({error})") from error
        return cls.parse(text, str(path))

    @classmethod
    def parse(cls, text: str, where: str = "manifest") -> Self:
        """Check a manifest's text; `where` names it in errors."""
        try:
            data = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # the parser's own, numbers of thousands of digits, thousands of brackets
            raise UsageError(f"{where}: not valid TOML: {error}") from error
        for key in data:
            if key not in TOP_KEYS:
                raise UsageError(f"{where}: unknown key `{key}`{_nearest(key, TOP_KEYS)}")
        if data.get("schema", SCHEMA) != SCHEMA:
            raise UsageError(f"{where}: schema {data['schema']!r} is not known to this version (it reads {SCHEMA}); upgrade art-pipeline")
        for key in ("name", "about"):
            if not isinstance(data.get(key, ""), str):
                raise UsageError(f"{where}: `{key}` must be a string")
        blocks = _tables(data, "scrape", where)
        if not blocks:
            raise UsageError(f"{where}: no [[scrape]] block; add one with a source (`pipeline sources` lists them)")
        sections = {name: _check(model, data.get(name, {}), name, where) for name, model in SECTIONS.items()}
        return cls(
            name=data.get("name", ""),
            about=data.get("about", ""),
            scrape=tuple(_scrape(block, where) for block in blocks),
            filter=_filters(data.get("filter", {}), where),
            train=_train(data.get("train", {}), where),
            text=text,
            **sections,  # type: ignore[arg-type]  # each value has the type its section declares
        )

    def section(self, name: str) -> Any:
        """A section's settings as plain JSON data, for fingerprints; filters keep their order."""
        value = getattr(self, name)
        if isinstance(value, BaseModel):
            return value.model_dump(mode="json")
        if isinstance(value, Mapping):
            return [[key, settings.model_dump(mode="json")] for key, settings in value.items()]
        return [settings.model_dump(mode="json") for settings in value]


def built_in() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(entry.name[:-5] for entry in resources.files("manifests").iterdir() if entry.name.endswith(".toml"))


def find(reference: str) -> tuple[str, str, str]:
    """A MANIFEST argument as (name, text, where): a built-in name or the path of a TOML file. Raises UsageError."""
    path = Path(reference)
    if reference in built_in():
        return reference, (resources.files("manifests") / f"{reference}.toml").read_text(encoding="utf-8"), f"built-in manifest {reference}"
    if path.suffix == ".toml" or path.is_file():
        recipe = Manifest.load(path)
        text, name = recipe.text, recipe.name or path.stem
        if not re.fullmatch(r"[\w][\w .-]*", name):
            raise UsageError(f"{path}: name: {name!r} cannot name a directory; use letters, digits, - and _")
        return name, _absolute_paths(text, path.resolve().parent), str(path)
    raise UsageError(
        f"{reference}: neither a dataset, a built-in manifest ({', '.join(built_in())}) nor a TOML file{_nearest(reference, built_in())}"
    )


def with_settings(text: str, assignments: Sequence[str], where: str = "manifest") -> str:
    """The manifest's text with every `key=value` applied; comments and order stay. The result is checked.

    A value is read as TOML, else as a string. `scrape.delay` means every `[[scrape]]` block. Raises UsageError.
    """
    if not assignments:
        return text
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"{where}: not valid TOML: {error}") from error
    for assignment in assignments:
        key, equals, raw = assignment.partition("=")
        path = [part.strip() for part in key.split(".")]
        if not equals or not all(path):
            raise UsageError(f"--set {assignment}: give key=value, as in shard.size=128")
        try:
            value = tomllib.loads(f"value = {raw}")["value"]
        except (ValueError, RecursionError):
            value = raw
        targets: list[Any] = [document]
        for part in path[:-1]:
            targets = [inner for target in targets for inner in _descend(target, part, assignment)]
        for target in targets:
            target[path[-1]] = value
    changed = tomlkit.dumps(document)
    Manifest.parse(changed, f"{where} with --set {' --set '.join(assignments)}")
    return _absolute_paths(changed, Path.cwd())


def _descend(target: Any, part: str, assignment: str) -> list[Any]:
    if part not in target:
        target[part] = tomlkit.table()
    inner = target[part]
    if (isinstance(inner, list) and not all(isinstance(entry, dict) for entry in inner)) or not isinstance(inner, (list, dict)):
        raise UsageError(f"--set {assignment}: `{part}` is a value, not a table")
    return list(inner) if isinstance(inner, list) else [inner]


def _tables(data: Mapping[str, Any], key: str, where: str) -> list[dict[str, Any]]:
    value = data.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise UsageError(f"{where}: write [[{key}]] with two brackets; there may be several")
    return value


def _scrape(block: dict[str, Any], where: str) -> sources.base.SourceSettings:
    name = block.get("source")
    if not isinstance(name, str):
        raise UsageError(f"{where}: [[scrape]] needs `source`, one of {', '.join(sources.base.names())}")
    try:
        source = sources.base.load(name)
    except KeyError:
        raise UsageError(f"{where}: scrape.source: no source {name!r}{_nearest(name, sources.base.names())}") from None
    except (ImportError, AttributeError, TypeError) as error:
        raise PipelineError(f"source {name!r} cannot be loaded: {error}") from error
    defaults = {"delay": source.delay} if "delay" in source.Settings.model_fields else {}
    checked = _check(source.Settings, {**defaults, **block}, "scrape", where)
    assert isinstance(checked, sources.base.SourceSettings)
    return checked


def _filters(data: Any, where: str) -> dict[str, BaseModel]:
    known = filters.settings()
    if not isinstance(data, dict):
        raise UsageError(f"{where}: write filters as [filter.NAME] tables; there are {', '.join(known)}")
    for name in data:
        if name not in known:
            raise UsageError(f"{where}: unknown key `filter.{name}`{_nearest(name, known)}")
    return {name: _check(known[name], values, f"filter.{name}", where) for name, values in data.items()}


def _train(data: Any, where: str) -> presets.TrainSettings:
    name = data.get("preset", presets.DEFAULT) if isinstance(data, dict) else presets.DEFAULT
    if name not in presets.names():
        raise UsageError(f"{where}: train.preset: no preset {name!r}{_nearest(str(name), presets.names())}")
    checked = _check(presets.load(name), data, "train", where)
    assert isinstance(checked, presets.TrainSettings)
    return checked


def _check(model: type[BaseModel], data: Any, section: str, where: str) -> BaseModel:
    if not isinstance(data, dict):
        raise UsageError(f"{where}: `{section}` must be a table, as in [{section}]")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([section, *(str(part) for part in first["loc"])])
        if first["type"] == "extra_forbidden":
            raise UsageError(f"{where}: unknown key `{key}`{_nearest(str(first['loc'][-1]), _keys(model, first['loc'][:-1]))}") from None
        message = first["msg"].removeprefix("Value error, ")
        given = "" if first["type"] == "missing" else f" (it is {first['input']!r})"
        raise UsageError(f"{where}: {key}: {message[:1].lower()}{message[1:]}{given}") from None


def _keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys that are valid at a place in a section, by the names they have in a manifest."""
    named = {info.alias or name: info for name, info in model.model_fields.items()}
    inner = [part for part in loc if part in named]
    kinds = get_args(named[str(inner[0])].annotation) if inner else ()
    tables = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    return [info.alias or name for name, info in tables[0].model_fields.items()] if tables else list(named)


def _nearest(word: str, valid: Any) -> str:
    names = list(valid)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"; did you mean `{close[0]}`?" if close else f"; valid here: {', '.join(names)}"


def _absolute_paths(text: str, base: Path) -> str:
    """A recipe's relative `path` keys hold from its own folder; a dataset's copy of it stands elsewhere."""
    document = tomlkit.parse(text)
    for block in document.get("scrape", []):
        for name, info in sources.base.load(str(block["source"])).Settings.model_fields.items():
            if info.annotation in (Path, Path | None) and name in block:
                block[name] = str((base / _expanded(str(block[name]), f"scrape.{name}")).resolve())
    return tomlkit.dumps(document)


def _expanded(path: str, key: str) -> Path:
    if "\0" in path:
        raise UsageError(f"{key}: {path!r} is no path")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UsageError(f"{key}: {path}: there is no such user on this machine") from error
