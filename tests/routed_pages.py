"""The pages that the router knows, for tests that look at every one: a new page is looked at by itself."""

from __future__ import annotations

import re

from pages.parts import routes
from tests.processes import ROOT


def routed_scripts():
    """The scripts of the pages, in the router's order; the first stands at the root of the address."""
    router = (ROOT / "pages" / "router.py").read_text(encoding="utf-8")
    return [getattr(routes, name) for name in re.findall(r"st\.Page\(\s*routes\.(\w+),", router)]
