"""English singulars and plurals, as far as rules go."""

from __future__ import annotations

import re


def forms(word: str) -> frozenset[str]:
    """A keyword's word in the singular and the plural, whichever it was given in (a form that is no word does no harm)."""
    forms = {word}
    for single in (word, *_singulars(word)):
        forms.add(single)
        if len(single) < 2 or not single.isalpha():
            continue
        if re.search(r"[^aeiou]y$", single):
            forms.add(single[:-1] + "ies")
        elif re.search(r"(s|x|z|ch|sh)$", single):
            forms.add(single + "es")
        else:
            forms.add(single + "s")
    return frozenset(forms)


def _singulars(word: str) -> list[str]:
    if word.endswith("ies") and len(word) > 4:
        return [word[:-3] + "y"]
    if re.search(r"(s|x|z|ch|sh)es$", word):
        return [word[:-2], word[:-1]]  # fortresses, bases
    if len(word) > 3 and word.endswith("s") and not re.search(r"(s|u|i)s$", word):
        return [word[:-1]]
    return []


def singular(word: str) -> str:
    """A word's singular as far as the rules go, so that its forms are counted as one."""
    return next(iter(_singulars(word)), word)
