"""A profile for one long run: `pytest tests/fuzz --hypothesis-profile long`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("long", deadline=None, max_examples=20_000, suppress_health_check=list(HealthCheck))
