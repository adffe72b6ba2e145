"""What may be asked at all, and what is not asked again: robots.txt, reservations, opt-outs."""

from __future__ import annotations

from urllib.parse import urlsplit

from politeness_trial.record import Entry
from politeness_trial.scrape import Scrape
from politeness_trial.served import TDMREP, host_of, origin_of, path_of, reserving, rules_of, tdm_reserves


def invited(scrape: Scrape, entry: Entry) -> None:
    if scrape.asker(entry).offline:
        scrape.broken("offline", entry, "nothing was to be asked")
    wanted = scrape.wanted(entry.kind, entry.url)
    led = list(scrape.before(entry, scrape.led[entry.kind, entry.url]))
    if not wanted and not led:
        scrape.broken("uninvited", entry, "no source wanted it and no redirect led there")
    for one in led:
        scrape.occasions("hops within a host" if host_of(one.url) == host_of(entry.url) else "hops across hosts")
        if host_of(one.url) == host_of(entry.url) and origin_of(one.url) != origin_of(entry.url):
            scrape.occasions("hops across schemes or ports")
        break


def allowed(scrape: Scrape, entry: Entry) -> None:
    if entry.kind == "robots":
        return
    state, text = scrape.robots(origin_of(entry.url), entry)
    if state != "had":
        rule = "robots first" if state == "open" else "robots missing"
        scrape.broken(rule, entry, "its robots.txt had not been answered" if state == "open" else f"its robots.txt {state}")
        return
    rules = rules_of(text)
    if not rules.allows(entry.url) and (entry.kind == "tdmrep" or urlsplit(entry.url).path not in scrape.asker(entry).pardoned):
        scrape.broken("robots forbids", entry, f"robots.txt: {text!r}")
    if entry.kind == "tdmrep":
        return
    if "content-usage" not in scrape.asker(entry).overrides and rules.reserves(path_of(entry.url)):
        scrape.broken("reserved", entry, f"Content-Usage in robots.txt: {text!r}")
    home = f"{origin_of(entry.url)}{TDMREP}"
    if rules.allows(home) and not list(scrape.before(entry, scrape.by_url["tdmrep", home])):
        scrape.broken("tdmrep first", entry, "its tdmrep.json had not been asked for")
    if "tdm-reservation" not in scrape.asker(entry).overrides and tdm_reserves(scrape.tdmrep(home, entry), urlsplit(entry.url).path):
        scrape.broken("reserved", entry, "tdmrep.json")


def opt_outs_again(scrape: Scrape) -> None:
    for answer in scrape.entries:
        signals = reserving(answer)
        if not signals:
            continue
        scrape.occasions("answers with an opt-out")
        for entry in scrape.by_url[answer.kind, answer.url]:
            if entry.began > (answer.ended or 0) and signals - scrape.asker(entry).overrides:
                scrape.broken("opt-out again", entry, f"it had answered with {sorted(signals)} before")


def wishes(scrape: Scrape) -> None:
    for number, kind, url in scrape.log.asked:
        state, text = scrape.robots(origin_of(url), None)
        if number != scrape.number or state == "open":
            continue
        if state != "had":
            scrape.occasions("wishes where robots.txt could not be had")
        elif not rules_of(text).allows(url):
            scrape.occasions("wishes that robots.txt forbids")
        elif rules_of(text).reserves(path_of(url)) or tdm_reserves(scrape.tdmrep(f"{origin_of(url)}{TDMREP}", None), urlsplit(url).path):
            scrape.occasions("wishes that are reserved")
        if scrape.led[kind, url]:
            scrape.occasions("wishes that redirects lead to as well")
    for (kind, url), redirects in scrape.led.items():
        state, text = scrape.robots(origin_of(url), None)
        if kind in ("page", "image") and state == "had" and not rules_of(text).allows(url):
            scrape.occasions("redirects to what robots.txt forbids", len(redirects))
