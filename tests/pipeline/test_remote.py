from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.remote import Folder


@pytest.fixture
def folder() -> Folder:
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    return Folder("memory://bucket/remote/")


def test_a_file_goes_there_and_is_what_it_was(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    folder.put(str(tmp_path / "a"), "deep/down/a")
    assert folder.read("deep/down/a") == b"bytes"
    assert folder.sha256("deep/down/a") == hashlib.sha256(b"bytes").hexdigest()
    assert folder.sizes == {"deep/down/a": 5}
    folder.remove("deep/down/a")
    folder.remove("deep/down/a")
    assert folder.sha256("deep/down/a") is None
    with pytest.raises(FileNotFoundError):
        folder.read("deep/down/a")


def test_an_empty_place_has_no_files(folder: Folder) -> None:
    assert Folder("memory://bucket/nothing").sizes == {}


def test_whatever_a_file_system_raises_is_an_os_error(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> bytes:
        raise RuntimeError("token expired")

    monkeypatch.setattr(folder._system, "cat_file", refuse)
    with pytest.raises(OSError, match="token expired"):
        folder.read("a")


def test_wrong_addresses_and_a_missing_extra_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("fsspec", reason="the extra `remote` is not installed")
    with pytest.raises(UsageError, match="no address that fsspec can use"):
        Folder("nonsense://x")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match=r"art-pipeline\[remote\]"):
        Folder("memory://x")
