"""The scripted web: it stands where the wire does, answers as the world says, and writes everything down."""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import random
from dataclasses import replace
from email.utils import formatdate
from urllib.parse import urlsplit

from PIL import Image
from politeness_trial import world
from politeness_trial.clock import Time
from politeness_trial.record import Entry, Log
from politeness_trial.world import Answer, Scenario

from pipeline.fetch import result
from pipeline.fetch.reading import REDIRECTS, Ask, Reply, has_body
from pipeline.fetch.result import Failed

FLOOD = 3000
"""Requests in one scenario after which the server answers no more: a fetcher that asks without end would never be judged."""

_file = io.BytesIO()
Image.new("RGB", (1, 1)).save(_file, "PNG")
PIXEL = _file.getvalue()


class Server:
    """Answers as the world says, and writes everything down. Stands where the wire does."""

    def __init__(self, scenario: Scenario, log: Log, time: Time) -> None:
        self._world = scenario.world
        self._log = log
        self._time = time
        self._chance = random.Random(scenario.seed + 1)
        self._asked: dict[str, int] = {}
        self._of_host: dict[str, int] = {}
        self._events = itertools.count(1)
        self.scrape = 0

    def event(self) -> int:
        """The number of an event that happens now."""
        return next(self._events)

    async def __call__(self, ask: Ask) -> Reply:
        agent = ask.headers["User-Agent"]
        entry = Entry(self.scrape, ask.url, ask.kind, agent, self._time.elapsed, self.event(), ask.conditional)
        self._log.entries.append(entry)
        if len(self._log.entries) > FLOOD:
            raise Failed(result.REFUSED, "the server has drowned", again=False)
        answer, latency = self._answer(ask)
        await asyncio.sleep(latency)
        reply = self._reply(ask, entry, answer)
        # As the wire does:
        return replace(reply, outcome=ask.keep(ask.url, reply)) if ask.keep and reply.status not in REDIRECTS else reply

    def _answer(self, ask: Ask) -> tuple[Answer, float]:
        """What is said to the request, and how many seconds it takes."""
        name = urlsplit(ask.url).hostname or ""
        host, number = self._world.hosts[name], self._of_host.get(name, 0)
        self._of_host[name] = number + 1
        turn = self._asked.get(ask.url, 0)
        self._asked[ask.url] = turn + 1
        script = self._world.scripts.get(ask.url, [Answer(404)])
        answer = script[min(turn, len(script) - 1)]
        for begin, end, answers in host.spells:
            if begin <= number < end:
                answer = answers[(number - begin) % len(answers)]
                break
        base = [seconds for begin, seconds in host.latencies if begin <= number][-1]
        if answer.trouble in (world.UNREACHABLE, world.CERTIFICATE):
            base = 0.0
        latency = base * (1 + host.slack * self._chance.random())
        return answer, answer.latency if answer.trouble == world.TIMEOUT else latency

    def _reply(self, ask: Ask, entry: Entry, answer: Answer) -> Reply:
        headers, body = dict(answer.headers), b""
        if answer.asks is not None:
            now = self._time()
            headers["retry-after"] = formatdate(now + answer.asks, usegmt=True) if answer.dated else f"{answer.asks:g}"
        status = answer.status
        if status == 200 and not answer.trouble:
            if ask.conditional and "etag" in headers and ask.headers.get("If-None-Match") == headers["etag"]:
                status = 304
                if self._chance.random() < 0.5:  # a server need not repeat them
                    headers = {name: value for name, value in headers.items() if name == "etag"}
            else:
                body = self._body(ask, answer, entry.began)
        entry.status, entry.headers, entry.trouble = status, headers, answer.trouble
        entry.body = answer.body if status == 200 else ""
        entry.digest = hashlib.sha256(body).hexdigest()
        entry.end, entry.wall_end, entry.ended = self._time.elapsed, self._time(), self.event()
        if answer.trouble == world.TIMEOUT:
            raise Failed(result.TIMEOUT, "no answer within the time limit")
        if answer.trouble == world.UNREACHABLE:
            raise Failed(result.UNREACHABLE, "no connection")
        if answer.trouble == world.CERTIFICATE:
            raise Failed(result.UNREACHABLE, "its certificate is not valid", again=False)
        if not has_body(ask, status, headers, self._time()):
            return Reply(status, headers)
        if answer.trouble == world.BROKEN:
            raise Failed(result.BROKEN, "the body ended early", status=status)
        return Reply(status, headers, body)

    def _body(self, ask: Ask, answer: Answer, number: int) -> bytes:
        """Every body is another one, so that its digest tells where it came from."""
        if ask.kind in ("robots", "tdmrep"):
            return answer.body.encode()
        if answer.headers.get("content-type") == "image/png":
            return PIXEL + str(number).encode()
        return f"{answer.body}<!-- {number} -->".encode()
