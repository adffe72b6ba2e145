"""What the generator draws: whether it moves, whether its pictures differ, whether they are copies."""

from __future__ import annotations

from pipeline.train.watch.guards.case import KIMG, Case, Finding

STILL = 0.005
"""Movement of pictures in a thousand images, in the mean distance of two real ones: below it, nothing changes. Healthy: .04 to 1."""
FROZEN = 1e-4
"""Change of the generator's weights in a thousand images, over their length, below which it does not learn: its pictures may still move
by .06, as the means that batch normalisation keeps go with each batch. Healthy: above .01."""
ONE = 0.01
"""Spread below which all latents give one picture. In the first thousands of images healthy runs are at .02 to .1, and rising."""
COLLAPSED = 0.35
"""Share of its own best spread that a collapsed generator has left …"""
ONCE = 0.3
"""… after a best of at least this; a run that has not got there is still beginning."""
COPIES = 0.6
"""Distance to the nearest training picture over what a held-out picture keeps: below it the pictures are copies. Healthy: above .9."""
COPIED = 0.5
"""Share of pictures that an evaluation may find as near to a training picture as 1% of unseen real ones are."""
KNOWN = 0.9
"""Share of pairs in which the discriminator holds a training picture for more real than a held-out one: .5 when it knows none by heart."""
KNOWN_ROWS = 5


def dead(case: Case) -> Finding | None:
    """All latents give one picture."""
    looks = case.looks()
    rising = len(looks) > 1 and looks[-1].spread > max(1.2 * looks[0].spread, ONE / 10)  # a slow start
    if not looks or rising or any(look.spread > ONE for look in looks):
        return None
    return Finding(
        "generator dead",
        f"for {len(looks)} rows it has drawn one and the same picture from all latents: they differ by {looks[-1].spread:.2%} of what real "
        "pictures do",
        "a new run with a lower train.learning_rate_g, or another train.seed; a generator that is dead does not come back",
    )


def stalled(case: Case) -> Finding | None:
    """The same latents give the same pictures as before, or weights stay what they are."""
    looks = case.looks()
    if looks and all(look.moved is not None and look.moved <= STILL for look in looks):
        seen = f"its pictures from the same latents have moved by {looks[-1].moved or 0:.2%} of the distance of two real ones"
    elif looks and all(look.learnt is not None and look.learnt <= FROZEN for look in looks):
        seen = f"its weights have changed by {looks[-1].learnt or 0:.2g} of their length"
    else:
        return None
    return Finding(
        "generator stalled",
        f"for {len(looks)} rows {seen}, or less, at a learning rate of {case.moments[-1].row['learning_rate_g']:.2g}",
        "a higher train.learning_rate_g, or train.decay = 1; if the rates are as they should be, stop: nothing more will come",
    )


def collapsed(case: Case) -> Finding | None:
    """What is drawn has become alike."""
    looks = case.looks()
    best = max((moment.look.spread for moment in case.moments if moment.look and moment.kimg >= KIMG), default=0.0)
    if not looks or best < ONCE or any(look.spread > COLLAPSED * best for look in looks) or dead(case):
        return None
    now = looks[-1]
    return Finding(
        "collapse",
        f"pictures from different latents differ by {now.spread:.0%} of what real ones do, and did by {best:.0%}; "
        f"{now.different:.0%} of them are different pictures",
        "go back to an earlier checkpoint or grid; then a new run with a lower train.learning_rate_g, train.minibatch_stddev = true, "
        "r1_gamma = 'auto', larger batches",
    )


def memorised(case: Case) -> Finding | None:
    """What is drawn are training pictures: by the newest evaluation where there is one, else by thumbnails."""
    looks, scored = case.looks(), [moment for moment in case.moments if "nearest" in moment.row]
    if scored:
        row = scored[-1].row
        if row["nearest"] > COPIES and row.get("copies", 0.0) < COPIED:
            return None
        seen = f"evaluated at {row['kimg']:.4g} kimg, pictures drawn lay at {row['nearest']:.0%} of the distance from a training picture"
        if "copies" in row:
            seen += f", {row['copies']:.0%} of them as near as copies"
    elif looks and all(look.nearest <= COPIES for look in looks):
        seen = f"for {len(looks)} rows pictures drawn lay at {looks[-1].nearest:.0%} of the distance from a training picture"
    else:
        return None
    return Finding(
        "memorisation",
        f"{seen} (100%: what real pictures keep that were not trained on)",
        "stop at an earlier checkpoint; more pictures, train.augment = 'translation', fewer train.channels",
    )


def known_by_heart(case: Case) -> Finding | None:
    """The discriminator has learnt the training pictures by heart."""
    looks = case.looks(KNOWN_ROWS)
    if not looks or any(look.known is None or look.known < KNOWN for look in looks):
        return None
    return Finding(
        "discriminator has learnt the set by heart",
        f"in {looks[-1].known or 0:.0%} of pairs it holds a training picture for more real than one that was held out (a coin in 50%), "
        f"for {len(looks)} rows",
        "train.augment = 'translation', some train.dropout, fewer train.channels, more pictures; the best checkpoint is behind",
    )
