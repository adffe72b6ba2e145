"""Keywords proposed from labels: which words tell what a person kept from what was dropped, and what each would mend.

Words and two-word phrases of the decisive field and, where that is missing, of title and text are weighed by log-odds with a prior, a
picture counting once however often its page says a word. Those that occur where the rules are wrong today are then tried: the one that
mends most (less what it breaks) is taken, and the others are tried again beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.curate.exceptions import Court
from pipeline.curate.phrases import Candidate, Item, Phrase, candidates, gather, heard

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.manifest import ClassifySettings

PROPOSED = ["keyword", "list", "where", "kept", "dropped", "z", "mends", "breaks", "changes"]
FURTHER = PROPOSED[:6]
WRONG = ["id", "title", "label", "decision", "reason", "mended by"]

TRIED, SHORT_LIST, AT_MOST, NAMED = 200, 30, 12, 10
"""How many phrases are tried alone, how many beside those taken, how many are proposed, and how many are only named."""

TELLING = 1.96
"""A z-score that chance gives to one word in twenty."""


@dataclass(frozen=True)
class Suggestions:
    """`labels`: how many pictures bear one. `proposed` and `further`, columns PROPOSED and FURTHER; `wrong`, columns WRONG.

    `list` is where the keyword belongs, keep or drop; `where` the place it was weighed in; `kept` and `dropped` count the labelled
    pictures that have it there; `mends` and `breaks` count labels, given the proposals above it; `changes` those pictures without a
    label that the rules would decide otherwise. What is `further` tells the sides apart in what decides, but changes no label. `wrong`
    has the labels that the rules miss today.
    """

    labels: int
    proposed: pd.DataFrame
    further: pd.DataFrame
    wrong: pd.DataFrame


@dataclass(frozen=True)
class _Trial:
    """What the rules say of the labelled pictures once a candidate is added."""

    candidate: Candidate
    settings: ClassifySettings
    mends: frozenset[str]
    breaks: frozenset[str]

    @property
    def net(self) -> int:
        """How many more labels are right."""
        return len(self.mends) - len(self.breaks)

    @property
    def rank(self) -> tuple[int, float, int, float, int, str]:
        """What makes one better than another: what it mends, how much of it was amiss, the firmer place, and how telling it is."""
        one = self.candidate
        amiss = len(self.mends) / (one.kept + one.dropped)
        place = {"title": 1, "text": 0}.get(one.where, 2)
        return self.net, min(1.0, amiss), place, one.z, len(one.phrase), one.keyword


def suggest(sightings: pd.DataFrame, labels: Mapping[str, str], settings: ClassifySettings) -> Suggestions:
    """Propose keywords. `sightings` and `labels` as for `evaluate`; the same input gives the same proposals."""
    import pandas as pd

    items = gather(sightings, labels, settings)
    truth = {id: labels[id] == "keep" for id in items if id in labels}
    found = [one for one in candidates(items, truth, settings) if one.supported]
    court = Court(settings)
    opinions = {id: _opinion(items[id], court) for id in truth}
    wrong = {id: said for id, said in opinions.items() if said[0] != truth[id]}
    taken = list(_greedy(items, truth, {id: said[0] for id, said in opinions.items()}, found, settings))
    befores = [settings, *(trial.settings for trial in taken)]
    proposed = [
        [*_row(trial.candidate), len(trial.mends), len(trial.breaks), _changes(items, truth, trial, before)]
        for trial, before in zip(taken, befores, strict=False)
    ]
    mended = {id: trial.candidate.keyword for trial in taken for id in trial.mends}
    done = {trial.candidate.phrase for trial in taken}
    further = {one.phrase: one for one in reversed(found) if one.z >= TELLING and one.phrase not in done}
    rows = [
        [id, items[id].sightings[0]["title"], labels[id], "keep" if keep else "drop", reason, mended.get(id, "")]
        for id, (keep, reason) in wrong.items()
    ]
    return Suggestions(
        labels=len(truth),
        proposed=pd.DataFrame(proposed, columns=PROPOSED),
        further=pd.DataFrame([_row(one) for one in list(further.values())[::-1][:NAMED]], columns=FURTHER),
        wrong=pd.DataFrame(rows, columns=WRONG),
    )


def _greedy(
    items: Mapping[str, Item], truth: Mapping[str, bool], now: dict[str, bool], found: Sequence[Candidate], settings: ClassifySettings
) -> Iterator[_Trial]:
    """The best candidate, then the best beside it, and so on, while any mends more than it breaks."""
    hopeful = [*_first_words(truth, now, found, settings), *_able(items, truth, now, found)[:TRIED]]
    for number in range(AT_MOST):
        trials = [_try(items, truth, now, one, settings) for one in (_able(items, truth, now, hopeful) if number else hopeful)]
        trials = sorted((trial for trial in trials if trial.net > 0), key=lambda trial: trial.rank, reverse=True)
        if not trials:
            return
        best = trials[0]
        yield best
        settings = best.settings
        now.update({id: truth[id] for id in best.mends} | {id: not truth[id] for id in best.breaks})
        hopeful = [trial.candidate for trial in trials[1:SHORT_LIST]]


def _first_words(
    truth: Mapping[str, bool], now: Mapping[str, bool], found: Iterable[Candidate], settings: ClassifySettings
) -> list[Candidate]:
    """With a first keep word, all that has none is dropped; so it may mend what it does not occur in."""
    if settings.keep or not any(now[id] and not keep for id, keep in truth.items()):
        return []
    return [one for one in found if one.keeps][:SHORT_LIST]


def _able(items: Mapping[str, Item], truth: Mapping[str, bool], now: Mapping[str, bool], found: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that occur where the rules miss a label of their side; each phrase once a side."""
    missed = {keeps: [items[id] for id, side in truth.items() if side == keeps != now[id]] for keeps in (True, False)}
    first: dict[tuple[Phrase, bool], Candidate] = {}
    for one in found:
        if any(item.has(one.phrase) for item in missed[one.keeps]):
            first.setdefault((one.phrase, one.keeps), one)
    return list(first.values())


def _try(
    items: Mapping[str, Item], truth: Mapping[str, bool], now: Mapping[str, bool], one: Candidate, settings: ClassifySettings
) -> _Trial:
    name = "keep" if one.keeps else "drop"
    more = settings.model_copy(update={name: (*getattr(settings, name), one.keyword)})
    # With a first keep word, what has none is dropped: that touches all.
    touched = truth if one.keeps and not settings.keep else [id for id in truth if items[id].may_match(one.phrase)]
    court = Court(more)
    after = {id: _opinion(items[id], court)[0] for id in touched}
    changed = {id for id, keep in after.items() if keep != now[id]}
    mends = frozenset(id for id in changed if after[id] == truth[id])
    return _Trial(one, more, mends, frozenset(changed) - mends)


def _changes(items: Mapping[str, Item], truth: Mapping[str, bool], trial: _Trial, before: ClassifySettings) -> int:
    courts = Court(before), Court(trial.settings)
    all_move = trial.candidate.keeps and not before.keep
    others = (item for id, item in items.items() if id not in truth and (all_move or item.mentions(trial.candidate.phrase, before.field)))
    return sum(_opinion(item, courts[0])[0] != _opinion(item, courts[1])[0] for item in others)


def _opinion(item: Item, court: Court) -> tuple[bool, str]:
    """Whether any sighting keeps it, and a reason: of that one, else of the first."""
    opinions = [court(heard(sighting, court.field)) for sighting in item.sightings]
    best = next((one for one in opinions if one.keep), opinions[0])
    return best.keep, best.reason or "nothing against it"


def _row(one: Candidate) -> list[Any]:
    return [one.keyword, "keep" if one.keeps else "drop", one.where, one.kept, one.dropped, one.z]
