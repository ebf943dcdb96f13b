"""What every test shares."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is not a failure: properties are judged by what holds, never by the clock.
settings.register_profile("hubang", deadline=None)
settings.load_profile("hubang")
