"""docs/security.md names every attack."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent


def test_every_attack_is_in_the_document() -> None:
    text = (HERE.parents[1] / "docs" / "security.md").read_text(encoding="utf-8")
    named, file = set(), ""
    for found in re.finditer(r"`(?:(test_\w+\.py))?::(test_\w+)(?:\[…\])?`", text):
        file = found[1] or file
        named.add((file, found[2]))
    elsewhere = {
        (file, test) for file, test in named if not (HERE / file).exists()
    }  # attacks that belong to one part have their tests there
    for file, test in elsewhere:
        assert any(f"def {test}(" in path.read_text(encoding="utf-8") for path in HERE.parent.rglob(file)), (file, test)
    named -= elsewhere
    made = {
        (path.name, node.name)
        for path in HERE.glob("test_*.py")
        if path.name != Path(__file__).name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert named == made, sorted(named ^ made)
