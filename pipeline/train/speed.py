"""Which precision, and whether to compile the step: timed on this machine instead of guessed.

Processors and cards differ too much for a rule: with matrix units for bfloat16 it is three times as fast as float32 on a CPU, with
others slower, and XLA helps one and hinders the next. So a few real steps of each sensible choice are taken on networks that are
thrown away, and the fastest whose numbers stay finite is used. What came out is kept for the next run of the same shape.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.report import Reporter
from pipeline.train import backends, device, speed_cache
from pipeline.train.config import RunConfig
from pipeline.train.presets import TrainSettings

BUDGET = 45.0
"""Seconds after which no further choice is begun."""

SHARE = 0.1
"""Of the run's expected length: neither is one begun after that, so that a short run is not mostly spent on choosing."""

WORTH = 300
"""Steps; a shorter run takes the first choice untimed."""

ENOUGH = 1.0
"""Seconds of steps that a choice is judged by, if that is more than `LEAST` steps."""

LEAST = 2

HOPELESS = 2.0
"""A choice whose first step takes so many times as long as the best one's is given up at once."""

ALIKE = 4.0
"""What XLA gains is taken to differ between two precisions by no more than this; it was 1.8 against 0.5 at worst."""

REHEARSAL = 4
"""Pictures that a compiled step is first tried with on a CPU, where it may be twenty times as slow as a plain one."""

HOPE = "cannot win"
SKIPPED = "not tried for want of time"
SHORT = "not tried for so short a run"
FULL = "takes too much memory"


@dataclass(frozen=True)
class Choice:
    """A Keras dtype policy, and whether XLA compiles the step."""

    precision: str
    jit: bool

    def __str__(self) -> str:
        return self.precision.removeprefix("mixed_") + (" compiled" if self.jit else "")


@dataclass(frozen=True)
class Timing:
    """How a choice did: images per second, or why that cannot be said."""

    choice: Choice
    speed: float = 0.0
    problem: str = ""

    def __str__(self) -> str:
        return f"{self.choice} {self.problem or format(self.speed, '.3g')}"


def choose(config: RunConfig, device_name: str, report: Reporter) -> RunConfig:
    """The configuration with the fastest precision and compilation of those that its settings leave open; says what was found."""
    open_to = choices(config.settings, device_name)
    if len(open_to) == 1 or config.total_steps < WORTH:
        return _with(config, open_to[0])
    key = speed_cache.key(config, device_name)
    if (kept := speed_cache.read(key)) is not None:
        timings = [Timing(Choice(str(one["precision"]), bool(one["jit"])), float(one["speed"]), str(one["problem"])) for one in kept]
        report.note(f"images/s as timed before: {_table(timings)}")
        return _with(config, fastest(timings) or open_to[0])
    began = time.monotonic()
    with report.bar("timing", len(open_to)) as advance:
        timings = try_all(open_to, lambda choice, slowest: measure(choice, config, device_name, slowest), config, advance)
    report.note(f"images/s, timed in {time.monotonic() - began:.0f} s: {_table(timings)}")
    if not {SHORT, FULL} & {timing.problem for timing in timings}:  # another time there may be room for it
        speed_cache.write(key, [{**vars(one.choice), "speed": one.speed, "problem": one.problem} for one in timings])
    return _with(config, fastest(timings) or open_to[0])


def choices(settings: TrainSettings, device_name: str) -> list[Choice]:
    """What the settings leave open and can be fastest here, the safest first."""
    low = ["mixed_bfloat16"]
    if device_name != "CPU":
        low.append("mixed_float16")  # on a CPU it takes fifty times as long
    elif (flags := device.processor_flags()) and not any("bf16" in flag for flag in flags):
        low = []
    precisions = ["float32", *low] if settings.precision == "auto" else [settings.precision]
    compiled = [settings.jit == "on"]
    if settings.jit == "auto" and backends.load(settings.backend).compiles(device_name):
        compiled = [False, True]
    return [Choice(precision, jit) for jit in compiled for precision in precisions]


def try_all(
    open_to: Sequence[Choice], timed: Callable[[Choice, float], Timing], config: RunConfig, advance: Callable[[int], None]
) -> list[Timing]:
    """Time one after the other, as long as there is time and hope. `timed` is given the seconds that one step may take."""
    found: dict[Choice, Timing] = {}
    began, budget = time.monotonic(), BUDGET
    for choice in open_to:
        best = max((timing.speed for timing in found.values()), default=0.0)
        if _expected(choice, found) < best:
            found[choice] = Timing(choice, problem=HOPE)
        elif best and time.monotonic() - began > budget:
            found[choice] = Timing(choice, problem=SKIPPED if budget == BUDGET else SHORT)
        else:
            found[choice] = timed(choice, HOPELESS * config.batch / best if best else math.inf)
        if len(found) == 1 and found[choice].speed:
            budget = min(BUDGET, SHARE * config.settings.kimg * 1000 / found[choice].speed)
        advance(1)
    return list(found.values())


def _expected(choice: Choice, found: Mapping[Choice, Timing]) -> float:
    """The most images per second that a choice may give, from what is known of others."""
    if not choice.jit:
        return math.inf
    speeds = {other: timing.speed for other, timing in found.items() if timing.speed}
    gains = [speeds[other] / speeds[plain] for other in speeds if other.jit and (plain := replace(other, jit=False)) in speeds]
    plain = replace(choice, jit=False)
    return speeds[plain] * ALIKE * max(gains) if gains and plain in speeds else math.inf


def measure(choice: Choice, config: RunConfig, device_name: str, slowest: float = math.inf) -> Timing:
    """Train throw-away networks on noise for a moment. A step that takes more than `slowest` seconds ends it."""
    try:
        if choice.jit and device_name == "CPU" and config.batch > 2 * REHEARSAL:
            rehearsed = _measure(choice, replace(config, batch=REHEARSAL, accumulate=1), 0.0)
            # Half of what the whole batch would take if all of a step grew with it; weights are updated once in either.
            if config.batch / rehearsed.speed / 2 > slowest:
                return rehearsed
        return _measure(choice, config, slowest)
    except FloatingPointError:
        return Timing(choice, problem="does not stay finite")
    except Exception as error:
        full = backends.load(config.settings.backend).out_of_memory(error)
        problem = FULL if full else f"does not run ({type(error).__name__})"
        return Timing(choice, problem=problem)
    finally:
        gc.collect()


def _measure(choice: Choice, config: RunConfig, slowest: float) -> Timing:
    """Raises FloatingPointError when a weight or a loss is not a number afterwards."""
    from pipeline.train.checkpoints import refuse_broken

    backend = backends.load(config.settings.backend)
    # The penalty is left out: it is computed in float32 whatever is chosen, and would be a second step to compile.
    settings = config.settings.model_copy(update={"r1_gamma": 0.0})
    gan = backend.make_gan(config.size, settings, choice.precision)
    step = backend.make_step(gan, settings, config.batch, jit=choice.jit, parts=config.accumulate)
    pictures = np.random.default_rng(0).uniform(-1, 1, (config.batch, config.size, config.size, 3)).astype(np.float32)

    def block(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            step(pictures)
        int(np.asarray(gan.steps))  # waits for the device
        return (time.perf_counter() - began) / count

    block(1)
    seconds = block(1)
    if seconds <= slowest:
        count = max(1, math.ceil(ENOUGH / LEAST / seconds))
        seconds = min(seconds, *(block(count) for _ in range(LEAST)))  # what disturbs only ever slows
    refuse_broken(gan.state())
    if not all(math.isfinite(value) for value in gan.measures().values()):
        raise FloatingPointError("a loss is no number")
    return Timing(choice, config.batch / seconds)


def fastest(timings: Sequence[Timing]) -> Choice | None:
    """The choice to take; None when none works. Of equals the first, which is the safest."""
    best = max(timings, key=lambda timing: timing.speed, default=None)
    return best.choice if best and best.speed else None


def _with(config: RunConfig, choice: Choice) -> RunConfig:
    return replace(config, precision=choice.precision, jit=choice.jit)


def _table(timings: Sequence[Timing]) -> str:
    taken = fastest(timings)
    return ", ".join(f"{timing}{' (taken)' if timing.choice == taken else ''}" for timing in timings)
