from __future__ import annotations

from pipeline.tally import Tally


def test_blocks_add_up() -> None:
    whole, one, other = Tally(), Tally("a", pages=2, pictures=1, new=1, requests=3), Tally("b", pages=1, stopped=True)
    one.failed("gone", "u", "HTTP 404")
    one.failed("gone", "v", "HTTP 404")
    other.failed("timeout", "w", "slow")
    other.overridden["noai"] += 1
    for block in (one, other):
        whole.add(block)
    assert whole.summary() == {
        "pages": 3,
        "pictures": 1,
        "new": 1,
        "requests": 3,
        "failures": {"gone": 2, "timeout": 1},
        "opt-outs overridden": {"noai": 1},
        "stopped": True,
        "examples": {"gone": "u: HTTP 404", "timeout": "w: slow"},
    }


def test_what_lasts_does_not_tell_how_often_it_was_interrupted() -> None:
    tally = Tally(new=3, requests=4, stopped=True)
    tally.failed("gone", "u", "HTTP 404")
    assert set(tally.lasting()) == {"pages", "pictures", "failures"}
