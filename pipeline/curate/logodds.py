"""Which words tell two groups of texts apart: log-odds ratios with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16, 2008), equations 16 to 22, for the two outcomes "the text has
the word" and "it has not". Against plain ratios it prefers neither what was seen once nor what is common everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import TypeVar

Word = TypeVar("Word", bound=Hashable)


def z_scores(
    one: Mapping[Word, int], other: Mapping[Word, int], background: Mapping[Word, int], sizes: tuple[int, int, int], weight: float
) -> dict[Word, float]:
    """The z-score of every word's log-odds ratio: above 0 it speaks for `one`, below for `other`; beyond ±1.96 hardly by chance.

    `one`, `other` and `background` (all that is known, both groups among it) say how many texts have each word, `sizes` how many texts
    they hold. The prior is worth `weight` texts (above 0), in which each word is as frequent as in the background. 0 for a word that all
    texts have.
    """
    scores = {}
    for word in one.keys() | other.keys():
        prior = weight * background[word] / sizes[2]
        have = [group.get(word, 0) + prior for group in (one, other)]
        lack = [size + weight - count for size, count in zip(sizes, have, strict=False)]
        if min(lack) <= 0:
            scores[word] = 0.0
            continue
        delta = math.log(have[0] / lack[0]) - math.log(have[1] / lack[1])
        # The paper leaves out what stems from `lack`, as no word is frequent there; here a text either has a word or has it not.
        scores[word] = delta / math.sqrt(sum(1 / count for count in (*have, *lack)))
    return scores
