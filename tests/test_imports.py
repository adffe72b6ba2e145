"""Imports run one way, and the command line starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GROUND = {
    "errors",
    "files",
    "tables",
    "report",
    "images",
    "image_store",
    "remote",
    "catalog",
    "dataset",
    "verdicts",
    "manifest",
    "stages",
    "workers",
}
"""Modules that every stage may use."""

MAY_IMPORT = {
    "sources": set(),
    "pipeline.errors": set(),
    "pipeline.files": set(),
    "pipeline.report": set(),
    "pipeline.workers": {"errors", "cluster"},
    # It asks for the versions that what workers make depends on.
    "pipeline.cluster": {"errors", "workers", "measure"},
    "pipeline.images": set(),
    "pipeline.remote": {"errors"},
    "pipeline.image_store": {"errors", "images", "remote"},
    "pipeline.schema": set(),
    "pipeline.catalog": {"errors", "schema"},
    "pipeline.tables": {"errors", "files"},
    "pipeline.verdicts": {"errors", "files", "tables"},
    # The registries are asked for their settings only, so that a new filter or preset touches one file.
    "pipeline.manifest": {"errors", "curate", "train"},
    "pipeline.dataset": {"errors", "files", "catalog", "image_store", "manifest"},
    "pipeline.stages": {"errors", "images", "image_store", "remote", "catalog", "dataset", "manifest", "verdicts", "measure", "shards"},
    "pipeline.fetch": GROUND,
    "pipeline.measure": {"errors", "images"},
    "pipeline.curate": {"manifest", "errors", "measure"},
    "pipeline.embed": {"errors"},
    "pipeline.review": GROUND | {"curate"},
    "pipeline.licences": set(),
    "pipeline.credits": GROUND | {"licences", "review"},
    "pipeline.shards": GROUND | {"licences"},
    "pipeline.train": {"errors", "report", "files", "shards"},
    # It reads shards with what each record says of itself, which trainers do not need.
    "pipeline.train.metrics": {"errors", "report", "files", "train", "embed", "shards"},
}
"""For each package or module (the longest prefix counts): what of `pipeline` it may import besides itself. Drivers may import any."""


def modules() -> list[Path]:
    return sorted(path for folder in ("pipeline", "sources") for path in (ROOT / folder).rglob("*.py"))


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    """Dotted names that a module imports from this project, at any depth; those under TYPE_CHECKING are only words."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            skipped |= {inner for line in node.body for inner in ast.walk(line)}
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in ("pipeline", "sources", "cli")}


@pytest.mark.parametrize("path", modules(), ids=dotted)
def test_imports_run_one_way(path: Path) -> None:
    name = dotted(path)
    rule = max((prefix for prefix in MAY_IMPORT if name == prefix or name.startswith(prefix + ".")), key=len, default=None)
    for target in imported(path):
        assert not target.startswith("cli"), f"{name} imports {target}"
        if not name.startswith("pipeline.commands"):
            assert not target.startswith("pipeline.commands"), f"{name} imports {target}"
        if rule is None or not target.startswith("pipeline.") or target.startswith(rule + "."):
            continue
        part = target.split(".")[1]
        if part == "__version__":
            continue
        assert part in MAY_IMPORT[rule], f"{name} imports {target}, which {rule} may not"


HEAVY = ("pandas", "numpy", "PIL", "tensorflow", "keras")


def test_the_command_line_starts_light() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_curation_needs_no_tensorflow() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "import pipeline.steps, pipeline.chain, pipeline.scrape, pipeline.verification, pipeline.shards.write\n"
        "import pipeline.curate.classify, pipeline.curate.dedup, pipeline.curate.filter, pipeline.measure.registry\n"
        "import pipeline.review.gallery\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
