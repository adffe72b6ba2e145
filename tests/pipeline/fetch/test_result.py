from __future__ import annotations

from pathlib import Path

from pipeline.fetch.result import Failed, Fetched


def test_a_body_in_a_file_is_read_when_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    fetched = Fetched("http://a/", "http://a/", content=path)
    path.write_bytes(b"picture")
    assert fetched.body == b"picture"
    path.unlink()
    assert fetched.body == b"picture"


def test_another_attempt_makes_sense_only_for_what_may_pass() -> None:
    assert Failed("timeout", "").again
    assert not Failed("gone", "").again
    assert not Failed("unreachable", "a bad certificate", again=False).again
