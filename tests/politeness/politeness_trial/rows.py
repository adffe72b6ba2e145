"""How often: each wish and each redirect to a URL entitles to one row of attempts; every request must fit into one."""

from __future__ import annotations

from politeness_trial.record import Entry
from politeness_trial.scrape import EPS, Scrape
from politeness_trial.served import REDIRECTS, may_pass, pause_of, reserving

SEARCHED = 14
"""Requests for one URL up to which every way to tell their rows apart is tried."""


def attempts(scrape: Scrape, kind: str, entries: list[Entry]) -> None:
    """Each wish and each redirect to a URL entitles to one row of attempts; every request must fit into one."""
    rows: list[list[Entry]] = []
    limit = 1 if kind == "tdmrep" else scrape.limits["attempts"]
    for number, entry in enumerate(entries):
        if not fits(scrape, entry, rows, limit):
            if number <= SEARCHED and (found := arranged(scrape, entries[: number + 1], [], limit)) is not None:
                rows = found  # two rows ran side by side, and were told apart wrongly
                continue
            out_of_line(scrape, entry, rows, limit)
            rows.append([entry])
    scrape.occasions("further attempts", sum(len(row) - 1 for row in rows))
    scrape.occasions("URLs with all attempts used", sum(len(row) >= limit > 1 for row in rows))


def fits(scrape: Scrape, entry: Entry, rows: list[list[Entry]], limit: float) -> bool:
    """Put the entry into the first row where it may stand, or a new one; False if it may stand nowhere."""
    for row in rows:
        if follows(scrape, entry, row, limit):
            row.append(entry)
            return True
    if may_begin(scrape, entry, rows):
        rows.append([entry])
        return True
    return False


def arranged(scrape: Scrape, entries: list[Entry], rows: list[list[Entry]], limit: float) -> list[list[Entry]] | None:
    """Some way to put all entries into rows; None if there is none."""
    if not entries:
        return rows
    entry, *rest = entries
    for number, row in enumerate(rows):
        if follows(scrape, entry, row, limit):
            found = arranged(scrape, rest, [*rows[:number], [*row, entry], *rows[number + 1 :]], limit)
            if found is not None:
                return found
    return arranged(scrape, rest, [*rows, [entry]], limit) if may_begin(scrape, entry, rows) else None


def follows(scrape: Scrape, entry: Entry, row: list[Entry], limit: float) -> bool:
    last = row[-1]
    rested = entry.start >= last.end + due(scrape, row) - EPS
    return is_open(scrape, row, limit) and entry.agent == last.agent and (last.ended or entry.began) < entry.began and rested


def may_begin(scrape: Scrape, entry: Entry, rows: list[list[Entry]]) -> bool:
    entitled = scrape.wanted(entry.kind, entry.url) + sum(1 for _ in scrape.before(entry, scrape.led[entry.kind, entry.url]))
    return len(rows) < entitled or any(opened(scrape, row[-1], entry) for row in rows)


def is_open(scrape: Scrape, row: list[Entry], limit: float) -> bool:
    """Whether a row of attempts may have another one."""
    last = row[-1]
    if last.ended is None:
        return False
    pause = pause_of(last)
    return may_pass(last) and len(row) < limit and not (pause is not None and pause > scrape.limits["longest_wait"])


def opened(scrape: Scrape, last: Entry, entry: Entry) -> bool:
    """Whether an override lets one fetcher ask for what an opt-out closed to another."""
    closed = reserving(last) - scrape.asker(last).overrides
    if last.status in REDIRECTS:  # to something closed, it may be
        mine, others = scrape.asker(entry), scrape.asker(last)
        return bool(mine.overrides - others.overrides or mine.pardoned - others.pardoned)
    return bool(closed) and not reserving(last) - scrape.asker(entry).overrides


def due(scrape: Scrape, row: list[Entry]) -> float:
    """Seconds of pause before the next attempt."""
    return float(scrape.limits["backoff"] * 2 ** (len(row) - 1))


def out_of_line(scrape: Scrape, entry: Entry, rows: list[list[Entry]], limit: float) -> None:
    early = [row for row in rows if is_open(scrape, row, limit) and row[-1].agent == entry.agent]
    if early:
        row = early[-1]
        scrape.broken("backoff", entry, f"{entry.start - row[-1].end:.3f} s after attempt {len(row)}, where {due(scrape, row):g} s are due")
        return
    if not rows:
        return  # uninvited, and told so
    last = rows[-1][-1]
    spent = last.ended is not None and may_pass(last) and len(rows[-1]) >= limit
    answered = last.ended is not None and last.ended < entry.began
    said = f"it was answered: {last.trouble or last.status}" if answered else "it is being asked for"
    by = "" if last.agent == entry.agent else f", by another fetcher ({last.agent})"
    scrape.broken("attempts" if spent else "asked twice", entry, f"{'the attempts were used up' if spent else said}{by}")
