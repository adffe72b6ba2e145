"""What a run was begun with, and what became of its numbers."""

from __future__ import annotations

from pipeline.train import presets
from pipeline.train.watch.guards.case import Case, Finding

FEW = 100
"""Pictures below which a GAN learns its set by heart: the fewest that published few-shot GANs are shown with (arXiv 2006.10738)."""
RATE = 50
"""Times that a learning rate lies above or below its preset's: people tune by tens, and slip by hundreds."""
REMEMBERED = 10.0
"""Thousand images for which a return to a checkpoint is spoken of."""


def few_pictures(case: Case) -> Finding | None:
    """A data set that cannot teach more than itself."""
    count = case.config.images if case.originals is None else min(case.originals, case.config.images)
    if count >= FEW:
        return None
    copies = f" ({case.config.images} with augmented copies)" if count < case.config.images else ""
    return Finding(
        "few pictures",
        f"{count} pictures to train on{copies}; below {FEW} the networks learn them by heart, and what is drawn are copies",
        "collect more, or curate less strictly (pipeline status counts what was dropped); "
        "meanwhile train.augment = 'translation', and train.mirror where the art may face either way",
    )


def learning_rate(case: Case) -> Finding | None:
    """A rate far from the preset's own."""
    settings = case.config.settings
    own = presets.load(settings.preset).model_validate({})
    for name in ("learning_rate_d", "learning_rate_g"):
        chosen, usual = getattr(settings, name), getattr(own, name)
        times = chosen / usual
        if not 1 / RATE < times < RATE:
            far = f"{times:.0f} times" if times > 1 else f"1/{1 / times:.0f} of"
            seen = f"train.{name} is {chosen:.2g}, {far} what preset {settings.preset} has ({usual:.2g})"
            return Finding("learning rate", seen, f"{usual:.2g}, and up to ten times more or less of it")
    return None


def not_numbers(case: Case) -> Finding | None:
    """Losses or weights were NaN or infinite, and the run went back to a checkpoint."""
    now = case.moments[-1].kimg if case.moments else 0.0
    recent = [one for one in case.recoveries if now <= max(one.kimg, one.back_to) + REMEMBERED]
    if not recent:
        return None
    last, times = recent[-1], len(case.recoveries)
    lower = "" if case.config.precision == "float32" else ", or train.precision = 'float32'"
    return Finding(
        "no numbers",
        f"at {last.kimg:g} kimg {last.evidence}; the run went back to {last.back_to:g} kimg with learning rates "
        f"{last.learning_rate_d:.2g} and {last.learning_rate_g:.2g} ({times} {'time' if times == 1 else 'times'} so far)",
        f"if it happens again, a new run with lower rates than these{lower}",
    )
