"""Fills a site, in the peers' environment: python -m tests.bench.sites SITE, the questionnaire on its input.

``SITE_DATABASE`` of the environment is the file that is made. Prints what a browser would post, urlencoded.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from urllib.parse import urlencode

if __name__ == "__main__":
    site = import_module(f"tests.bench.sites.{sys.argv[1]}")
    print(urlencode(site.seed(json.load(sys.stdin))))
