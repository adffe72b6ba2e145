from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.train import user_cache


def test_the_users_cache_directory_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(user_cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert user_cache.folder() == tmp_path / "art-pipeline"
