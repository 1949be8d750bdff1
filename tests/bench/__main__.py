"""make bench: what our speed is worth, as ratios within one run; saved under var/bench."""

from __future__ import annotations

import json

from tests.bench import journey

print(json.dumps(journey.measure(), indent=1, ensure_ascii=False))
