"""Licences of data: the names they go by, and whether what they cover may be used commercially.

The table is a help for sorting, no legal advice: a person can say otherwise about any licence, and
that is recorded beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

Commercial = Literal["yes", "no", "unknown"]
COMMERCIAL: tuple[Commercial, ...] = get_args(Commercial)

LONGEST_LICENCE = 200
# Fields in which a record states its own licence, the first that is text counts.
ROW_FIELDS = ("licence", "license")


class Licence(msgspec.Struct, frozen=True):
    """One licence: its key (as `licence_key` writes it), what people call it, and what it allows."""

    key: str
    title: str
    commercial: Commercial
    note: str = ""


def _family(prefix: str, title: str, versions: str, commercial: Commercial) -> tuple[Licence, ...]:
    named = ((f"{prefix}-{version}", f"{title} {version}") for version in versions.split())
    return (
        Licence(prefix, title, commercial),
        *(Licence(key, name, commercial) for key, name in named),
    )


_CC_VERSIONS = "1.0 2.0 2.5 3.0 4.0"
_NEEDS_LOOK = "may forbid some uses; read its terms"

KNOWN_LICENCES: tuple[Licence, ...] = (
    *_family("apache", "Apache License", "2.0", "yes"),
    Licence("mit", "MIT", "yes"),
    Licence("bsd-2-clause", "BSD 2-Clause", "yes"),
    Licence("bsd-3-clause", "BSD 3-Clause", "yes"),
    Licence("isc", "ISC", "yes"),
    Licence("unlicense", "The Unlicense", "yes"),
    Licence("cc0-1.0", "CC0 1.0 (public domain)", "yes"),
    Licence("public-domain", "Public domain", "yes"),
    *_family("cc-by", "CC BY", _CC_VERSIONS, "yes"),
    *_family("cc-by-sa", "CC BY-SA", _CC_VERSIONS, "yes"),
    *_family("cc-by-nd", "CC BY-ND", _CC_VERSIONS, "unknown"),
    *_family("cc-by-nc", "CC BY-NC", _CC_VERSIONS, "no"),
    *_family("cc-by-nc-sa", "CC BY-NC-SA", _CC_VERSIONS, "no"),
    *_family("cc-by-nc-nd", "CC BY-NC-ND", _CC_VERSIONS, "no"),
    *_family("gpl", "GNU GPL", "2.0 3.0", "yes"),
    *_family("lgpl", "GNU LGPL", "2.1 3.0", "yes"),
    *_family("agpl", "GNU AGPL", "3.0", "yes"),
    *_family("mpl", "Mozilla Public License", "2.0", "yes"),
    *_family("odc-by", "ODC Attribution", "1.0", "yes"),
    *_family("odbl", "Open Database License", "1.0", "yes"),
    Licence("pddl", "ODC Public Domain Dedication", "yes"),
    *_family("cdla-permissive", "CDLA Permissive", "1.0 2.0", "yes"),
    *_family("cdla-sharing", "CDLA Sharing", "1.0", "yes"),
    *_family("gfdl", "GNU FDL", "1.3", "yes"),
    Licence("wtfpl", "WTFPL", "yes"),
    Licence("made-for-xlam-studio", "Made for xLAM Studio (the demo data)", "yes"),
    Licence("llama2", "Llama 2 Community License", "unknown", _NEEDS_LOOK),
    Licence("llama3", "Llama 3 Community License", "unknown", _NEEDS_LOOK),
    Licence("openrail", "OpenRAIL", "unknown", _NEEDS_LOOK),
    Licence("openai-terms", "Written by a model of OpenAI", "unknown", "its terms limit competing models"),
    Licence("research-only", "For research only", "no"),
    Licence("non-commercial", "Non-commercial", "no"),
    Licence("proprietary", "All rights reserved", "no"),
    Licence("other", "Other", "unknown"),
)
_KNOWN = {licence.key: licence for licence in KNOWN_LICENCES}

_ALIASES = {
    "apache2": "apache-2.0",
    "apache-2": "apache-2.0",
    "cc0": "cc0-1.0",
    "cc-zero": "cc0-1.0",
    "cc-0": "cc0-1.0",
    "creative-commons-zero": "cc0-1.0",
    "bsd": "bsd-3-clause",
    "new-bsd": "bsd-3-clause",
    "the-unlicense": "unlicense",
    "gplv2": "gpl-2.0",
    "gplv3": "gpl-3.0",
    "gpl-2": "gpl-2.0",
    "gpl-3": "gpl-3.0",
    "agplv3": "agpl-3.0",
    "agpl-3": "agpl-3.0",
    "noncommercial": "non-commercial",
    "non-commercial-use-only": "non-commercial",
    "nc": "non-commercial",
    "research": "research-only",
    "research-use-only": "research-only",
    "all-rights-reserved": "proprietary",
    "public domain": "public-domain",
    "pd": "public-domain",
}
_UNVERSIONED = re.compile(r"^(cc-by(?:-nc)?(?:-sa|-nd)?|odc-by|odbl)-v?(\d)$")


def licence_key(text: str) -> str:
    """Return the key of a licence as somebody wrote it; "" when nothing is stated.

    >>> [licence_key(text) for text in ("CC BY-NC 4.0", "Apache License, Version 2.0", "MIT License", " ")]
    ['cc-by-nc-4.0', 'apache-2.0', 'mit', '']
    """
    lowered = text[:LONGEST_LICENCE].strip().lower()
    lowered = lowered.replace("creative commons", "cc").replace("attribution", "by")
    lowered = (
        lowered.replace("noncommercial", "nc").replace("sharealike", "sa").replace("noderivatives", "nd")
    )
    lowered = re.sub(
        r"\b(?:the|licen[cs]e|licen[cs]ed|version|under|gnu|international|unported)\b", " ", lowered
    )
    key = re.sub(r"[^\w.]+", "-", lowered).strip("-.")
    key = re.sub(r"-v(?=\d)", "-", key)
    if key == "nc":  # the whole text was "noncommercial"
        return "non-commercial"
    key = _ALIASES.get(key, key)
    bare = _UNVERSIONED.match(key)
    return f"{bare[1]}-{bare[2]}.0" if bare else key


def standing_of(key: str, said: Mapping[str, Licence]) -> Licence:
    """Return what is known of a licence: what a person said of it (`said`), else the table, else unknown.

    >>> standing_of("cc-by-nc-4.0", {}).commercial, standing_of("my own", {}).commercial
    ('no', 'unknown')
    """
    if key in said:
        return said[key]
    if key in _KNOWN:
        return _KNOWN[key]
    return Licence(key, key or "Not stated", "unknown")
