"""RFC 9651 dictionaries; the examples are the RFC's and those of draft-ietf-aipref-vocab."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fetch import structured


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("train-ai=n", {"train-ai": "n"}),
        ("train-ai=y, search=n", {"train-ai": "y", "search": "n"}),
        ("  train-ai=n\t,\tsearch=y ", {"train-ai": "n", "search": "y"}),
        ("train-ai=n;exceptions=cc-cr, search=y", {"train-ai": "n", "search": "y"}),
        ("train-ai;allow=n, train-ai=y", {"train-ai": "y"}),
        ('train-ai=y, train-ai, search=n, search="n"', {}),  # the last of each is a boolean and a string
        ('train-ai;has;parameters="?"', {}),
        ("a=1, b=2.5, c=?0, d=:aGk=:, e=@1659578233, f=%22x", {}),
        ('a=1, b=2.5, c=?0, d=:aGk=:, e=@1659578233, f=%"f%c3%bc", g=tok', {"g": "tok"}),
        ('a=(1 "two" three;x=y );q=9, b=b', {"b": "b"}),
        ("a=(), b=b", {"b": "b"}),
        ("*=x, a.b_c-d*=*", {"*": "x", "a.b_c-d*": "*"}),
        ('a="say \\"y\\", b=y", b=n', {"b": "n"}),
        ("a=" + "y" * 8190, {"a": "y" * 8190}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_tokens(text: str, members: dict[str, str]) -> None:
    assert structured.tokens(text) == members


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ",", "a=n,", "a=n,,b=n", "a=n b=n", "A=n", "Train-AI=n", "1a=n", "=n", "a=", "a= n", "a =n", 'a="x', "a=(1", "a=(1,2)"),
        *("a=n;", "a=n;B=1", "a=é", "a=1234567890123456", "a=?2", "a=:!:", "a=n\nb=n", 'a="\x7f"', '{"a": "n"}', "a=" + "y" * 8191),
    ],
    ids=lambda text: repr(text)[:20],
)
def test_a_text_that_is_no_dictionary_has_no_members(text: str) -> None:
    assert structured.tokens(text) == {}


@given(st.dictionaries(st.from_regex(r"[a-z*][a-z0-9_.*-]{0,8}", fullmatch=True), st.sampled_from(["y", "n", "yes", "*"]), max_size=6))
def test_what_is_written_is_read(members: dict[str, str]) -> None:
    assert structured.tokens(", ".join(f"{key}={value};p" for key, value in members.items())) == members


@given(st.text(alphabet='ab=, ;()"\\:?@%*1.-\tß', max_size=60))
def test_nothing_raises(text: str) -> None:
    structured.tokens(text)


@pytest.mark.parametrize("unit", ["a=(", "a;a", 'a="', "(", "a, ", "a=1;", "a=((1 ", ";;", "%"])
def test_hostile_fields_take_no_time(unit: str) -> None:
    text = (unit * 8192)[: structured.LONGEST]
    begun = time.perf_counter()
    structured.tokens(text)
    assert time.perf_counter() - begun < 1
