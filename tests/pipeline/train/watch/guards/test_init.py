from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.train.recovery import Recovery
from pipeline.train.watch.guards import Case, findings

Make = Callable[..., Case]


def _kinds(case: Case) -> list[str]:
    return [finding.kind for finding in findings(case)]


@pytest.mark.parametrize("rows", [0, 1, 3, 50])
def test_a_healthy_run_raises_nothing(case: Make, rows: int) -> None:
    assert _kinds(case(rows=rows)) == []


FAILURES = [
    ("losses exploded", {"loss_d": 4e7, "loss_g": 7e7}, 2),
    ("losses exploded", {"loss_g": -60.0}, 2),
    ("labels wrong", {"score_real": 0.1, "score_fake": 0.9, "accuracy_d": 0.05}, 3),
    ("discriminator learns nothing", {"score_real": 0.497, "score_fake": 0.501, "accuracy_d": 0.52}, 3),
    ("generator dead", {"spread": 0.0, "different": 1 / 64}, 3),
    ("generator stalled", {"moved": 0.001}, 3),
    ("collapse", {"spread": 0.2, "different": 0.05}, 3),
    ("memorisation", {"nearest": 0.3}, 3),
    ("discriminator has learnt the set by heart", {"known": 0.97}, 5),
]


@pytest.mark.parametrize(("kind", "signs", "rows"), FAILURES)
def test_a_failure_is_named_once_it_lasts(case: Make, kind: str, signs: dict[str, Any], rows: int) -> None:
    assert kind not in _kinds(case(*[signs] * (rows - 1)))
    named = {finding.kind: finding for finding in findings(case(*[signs] * rows))}
    assert kind in named
    assert any(character.isdigit() for character in named[kind].seen), "evidence has numbers"
    assert "\n" not in str(named[kind])
    assert kind not in _kinds(case(*[signs] * rows, {})), "one row that is well again ends it"


@pytest.mark.parametrize(("kind", "signs", "rows"), FAILURES[2:])
def test_a_beginning_is_not_judged(case: Make, kind: str, signs: dict[str, Any], rows: int) -> None:
    assert kind not in _kinds(case(*[signs] * (rows - 1), rows=0))
    assert kind not in _kinds(case(*[signs] * rows, rows=0)), "the first of these rows is before `KIMG`"


def test_labels_by_lot_are_named_whichever_way_the_scores_fall(case: Make) -> None:
    rows = [{"score_real": 0.476, "score_fake": fake, "accuracy_d": 0.42} for fake in (0.561, 0.49, 0.53)]
    assert _kinds(case(*rows)) == ["labels wrong"]


def test_a_discriminator_is_overwhelming_when_it_is_certain_and_the_generator_gets_worse(case: Make) -> None:
    rising = [{"accuracy_d": 0.999, "loss_g": 6.0 + number} for number in range(6)]
    (finding,) = findings(case(*rising))
    assert finding.kind == "discriminator overwhelming"
    assert "from 7 to 10" in finding.seen
    assert _kinds(case(*reversed(rising))) == []
    assert _kinds(case(*rising[1:])) == []
    assert _kinds(case(*[row | {"accuracy_d": 0.95} for row in rising])) == []


def test_a_generator_that_only_begins_is_not_dead(case: Make) -> None:
    assert "generator dead" not in _kinds(case(*[{"spread": spread} for spread in (0.003, 0.005, 0.008)], rows=2))


def test_little_variety_from_the_start_is_not_a_collapse(case: Make) -> None:
    assert _kinds(case(*[{"spread": 0.1}] * 20, rows=0)) == []


def test_looks_may_be_missing(case: Make) -> None:
    made = case()
    blind = Case(made.config, [type(moment)(moment.row) for moment in made.moments])
    assert _kinds(blind) == []


@pytest.mark.parametrize(("images", "said"), [(8, True), (99, True), (100, False)])
def test_few_pictures_are_named_before_the_first_step(case: Make, images: int, said: bool) -> None:
    assert ("few pictures" in _kinds(case(rows=0, images=images))) is said


def test_augmented_copies_do_not_count_as_pictures(case: Make) -> None:
    few = findings(replace(case(rows=0, images=400), originals=40))
    assert [str(finding)[:70] for finding in few] == ["few pictures: 40 pictures to train on (400 with augmented copies); bel"]
    assert _kinds(replace(case(rows=0, images=400), originals=400)) == []


@pytest.mark.parametrize(("rate", "said"), [(0.1, "100 times"), (1e-5, "1/100 of"), (1e-2, ""), (1e-4, "")])
def test_a_learning_rate_far_from_the_presets_is_named(case: Make, rate: float, said: str) -> None:
    found = findings(case(rows=0, learning_rate_g=rate))
    assert bool(found) is bool(said)
    assert all("train.learning_rate_g" in finding.seen and said in finding.seen for finding in found)


def test_broken_numbers_are_spoken_of_for_a_while(case: Make) -> None:
    recovery = Recovery(kimg=9.0, back_to=8.0, evidence="loss_d is nan", learning_rate_d=5e-4, learning_rate_g=5e-4)
    (finding,) = findings(case(recoveries=[recovery]))
    assert finding.kind == "no numbers"
    assert "at 9 kimg loss_d is nan; the run went back to 8 kimg" in finding.seen
    assert _kinds(case(rows=25, recoveries=[recovery])) == []


def test_stop_now_when_kid_has_not_improved_for_long(case: Make) -> None:
    scored = [{"kid": 0.05} if number % 20 == 0 else {} for number in range(1, 121)]
    scored[19] = {"kid": 0.02}
    (finding,) = findings(case(*scored, rows=0))
    assert finding.kind == "stop now"
    assert "has not improved for 102.4 kimg: 20.0 (×1000) at 20.48 kimg, 50.0 now" in finding.seen
    assert _kinds(case(*scored[:118], rows=0)) == []
    scored[99] = {"kid": 0.01}
    assert _kinds(case(*scored, rows=0)) == []


def test_an_evaluation_says_more_of_copies_than_thumbnails_do(case: Make) -> None:
    near = [{"nearest": 0.3}] * 3
    scored = case(*near)
    scored.moments[2].row.update(nearest=0.9, copies=0.1)  # type: ignore[attr-defined]
    assert _kinds(scored) == []
    scored.moments[8].row.update(nearest=0.9, copies=0.6)  # type: ignore[attr-defined]
    (finding,) = findings(scored)
    assert "at 9.216 kimg, pictures drawn lay at 90%" in finding.seen
    assert "60% of them as near as copies" in finding.seen


def _unsure(real: float, accuracy: float = 0.5) -> dict[str, float]:
    return {"score_real": real, "score_fake": 0.5, "accuracy_d": accuracy}


LIMITS: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("losses exploded", [{"loss_g": 49.0}] * 2, [{"loss_g": 51.0}] * 2),
    ("labels wrong", [_unsure(0.481)] * 3, [_unsure(0.479)] * 3),
    ("discriminator learns nothing", [_unsure(0.521)] * 3, [_unsure(0.519)] * 3),
    ("discriminator learns nothing", [_unsure(0.5, 0.61)] * 3, [_unsure(0.5, 0.59)] * 3),
    ("discriminator overwhelming", [{"loss_g": 3.9, "accuracy_d": 1.0}] * 6, [{"loss_g": 4.1, "accuracy_d": 1.0}] * 6),
    ("discriminator overwhelming", [{"loss_g": 9.0, "accuracy_d": 0.989}] * 6, [{"loss_g": 9.0, "accuracy_d": 0.991}] * 6),
    ("generator dead", [{"spread": 0.011}] * 3, [{"spread": 0.009}] * 3),
    ("generator stalled", [{"moved": 0.0051}] * 3, [{"moved": 0.0049}] * 3),
    ("generator stalled", [{"learnt": 0.00011}] * 3, [{"learnt": 0.00009}] * 3),
    ("collapse", [{"spread": 0.36 * 0.8}] * 3, [{"spread": 0.34 * 0.8}] * 3),
    ("memorisation", [{"nearest": 0.61}] * 3, [{"nearest": 0.59}] * 3),
    ("discriminator has learnt the set by heart", [{"known": 0.89}] * 5, [{"known": 0.91}] * 5),
]
"""Rows that lie within a limit, and rows that lie beyond it."""


@pytest.mark.parametrize(("kind", "within", "beyond"), LIMITS)
def test_limits_lie_where_they_are_said_to(case: Make, kind: str, within: list[dict[str, Any]], beyond: list[dict[str, Any]]) -> None:
    assert kind not in _kinds(case(*within))
    assert kind in _kinds(case(*beyond))


@pytest.mark.parametrize(("best", "said"), [(0.29, False), (0.31, True)])
def test_only_what_once_had_variety_collapses(case: Make, best: float, said: bool) -> None:
    rows = [{"spread": best}] * 6 + [{"spread": 0.05}] * 3
    assert ("collapse" in _kinds(case(*rows, rows=0))) is said


@pytest.mark.parametrize(("copies", "said"), [(0.49, False), (0.51, True)])
def test_an_evaluation_may_find_so_many_copies(case: Make, copies: float, said: bool) -> None:
    scored = case()
    scored.moments[-1].row.update(nearest=0.9, copies=copies)  # type: ignore[attr-defined]
    assert ("memorisation" in _kinds(scored)) is said


@pytest.mark.parametrize(("step", "kimg", "said"), [(49, 9.0, False), (51, 9.0, True), (900, 1.9, False), (900, 2.1, True)])
def test_nothing_is_said_before_so_many_steps_and_images(case: Make, step: int, kimg: float, said: bool) -> None:
    rows = [{"moved": 0.0, "step": step, "kimg": kimg}] * 3
    assert ("generator stalled" in _kinds(case(*rows, rows=0))) is said


@pytest.mark.parametrize(("times", "said"), [(49, False), (51, True), (1 / 49, False), (1 / 51, True)])
def test_a_rate_may_lie_so_far_from_the_presets(case: Make, times: float, said: bool) -> None:
    assert ("learning rate" in _kinds(case(rows=0, learning_rate_d=1e-3 * times))) is said


@pytest.mark.parametrize(("rows", "said"), [(18, True), (19, False)])  # 18.4 and 19.5 kimg
def test_a_return_is_spoken_of_for_ten_kimg(case: Make, rows: int, said: bool) -> None:
    recovery = Recovery(kimg=9.0, back_to=8.0, evidence="loss_d is nan", learning_rate_d=5e-4, learning_rate_g=5e-4)
    assert ("no numbers" in _kinds(case(rows=rows, recoveries=[recovery]))) is said


@pytest.mark.parametrize(("evaluations", "said"), [(2, False), (3, True)])
def test_a_few_evaluations_must_agree_that_it_is_over(case: Make, evaluations: int, said: bool) -> None:
    worse = [{"kid": 0.05, "kimg": 50.0 + 100.0 * number} for number in range(evaluations)]
    assert ("stop now" in _kinds(case({"kid": 0.02, "kimg": 20.0}, *worse, rows=0))) is said
