"""Statements of terms as sites spell them. What is left of each row was seen on real sites or is a licence's own name."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from pipeline import licences
from pipeline.licences import FAIR_USE, NO_KNOWN, PUBLIC_DOMAIN, RESERVED, UNKNOWN
from sources.demo import OWN_LICENSE, ROBOT_LICENSE, Demo
from sources.mahq import Mahq

SPELLINGS = {
    # SPDX itself
    "MIT": "MIT",
    "mit": "MIT",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "CC0-1.0": "CC0-1.0",
    "gfdl-1.3-or-later": "GFDL-1.3-or-later",
    "GPL-2.0": "GPL-2.0-only",
    "GPL-3.0+": "GPL-3.0-or-later",
    "mit or apache-2.0": "MIT OR Apache-2.0",
    "CC-BY-4.0 AND MIT": "CC-BY-4.0 AND MIT",
    "LicenseRef-Anything-1.0": "LicenseRef-Anything-1.0",
    # Creative Commons: addresses
    "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "http://creativecommons.org/licenses/by/4.0": "CC-BY-4.0",
    "http://www.creativecommons.org/licenses/by-nc-nd/2.0/deed.de": "CC-BY-NC-ND-2.0",
    "creativecommons.org/licenses/by-sa/3.0/legalcode": "CC-BY-SA-3.0",
    "https://creativecommons.org/licenses/by-sa/3.0/de/": "CC-BY-SA-3.0-DE",
    "https://creativecommons.org/licenses/by-sa/3.0/de/deed.en": "CC-BY-SA-3.0-DE",
    "https://creativecommons.org/licenses/by-nc-sa/2.5/ca/": "CC-BY-NC-SA-2.5",
    "https://creativecommons.org/licenses/by/3.0/igo/": "CC-BY-3.0-IGO",
    "<https://creativecommons.org/licenses/by-nd/4.0/>": "CC-BY-ND-4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
    "https://creativecommons.org/publicdomain/mark/1.0/deed.en": "CC-PDM-1.0",
    "http://creativecommons.org/licenses/publicdomain/": "CC-PDDC",
    "http://creativecommons.org/licenses/nc-sa/1.0/": "LicenseRef-CC-NC-SA-1.0",
    "https://creativecommons.org/licenses/sampling+/1.0/": "LicenseRef-CC-Sampling-Plus-1.0",
    "https://creativecommons.org/licenses/by-sa/": "LicenseRef-CC-BY-SA",
    # … names, as on Wikimedia Commons, Flickr, DeviantArt, OpenGameArt
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
    "CC-BY-SA 3.0": "CC-BY-SA-3.0",
    "cc_by_nc_2.0": "CC-BY-NC-2.0",
    "CC BY SA 3": "CC-BY-SA-3.0",
    "CC-BY-SA-NC 4.0": "CC-BY-NC-SA-4.0",
    "CC BY–NC–ND 4.0": "CC-BY-NC-ND-4.0",
    "CC 3.0 BY-SA": "CC-BY-SA-3.0",
    "CC BY-NC 4.0 DEED": "CC-BY-NC-4.0",
    "CC BY-SA 3.0 de": "CC-BY-SA-3.0-DE",
    "CC BY-SA 3.0 DE, see below": "CC-BY-SA-3.0-DE",
    "CC BY-SA 3.0 US": "CC-BY-SA-3.0",
    "CC BY 3.0 at example.org": "CC-BY-3.0",
    "{{self|cc-by-sa-4.0}}": "CC-BY-SA-4.0",
    "Cc-by-sa-3.0-migrated": "CC-BY-SA-3.0",
    "by-nc-sa 3.0": "CC-BY-NC-SA-3.0",
    "Attribution-ShareAlike 3.0 Unported": "CC-BY-SA-3.0",
    "Attribution-NonCommercial-NoDerivs 2.0 Generic (CC BY-NC-ND 2.0)": "CC-BY-NC-ND-2.0",
    "Creative Commons Attribution 4.0 International": "CC-BY-4.0",
    "Creative Commons Attribution-Share Alike 2.1 Japan License": "CC-BY-SA-2.1-JP",
    "Creative Commons Attribution-Noncommercial-No Derivative Works 3.0 License": "CC-BY-NC-ND-3.0",
    "This work is licensed under a Creative Commons Attribution-NonCommercial 4.0 International License.": "CC-BY-NC-4.0",
    "Creative Commons Licence: Attribution, Non-commercial, v3.0": "CC-BY-NC-3.0",
    "CC0": "CC0-1.0",
    "CC-Zero": "CC0-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "Creative Commons Zero, v1.0": "CC0-1.0",
    "Public Domain Mark 1.0": "CC-PDM-1.0",
    "CC BY": "LicenseRef-CC-BY",
    "CC-BY-SA": "LicenseRef-CC-BY-SA",
    "Community content is available under CC-BY-SA unless otherwise noted.": "LicenseRef-CC-BY-SA",
    "CC BY 2020 Foo": "LicenseRef-CC-BY",
    "Creative Commons": "LicenseRef-Creative-Commons",
    "CC BY 5.0": "LicenseRef-CC-BY-5.0",
    # … several versions are a choice
    "cc-by-sa-4.0,3.0,2.5": "CC-BY-SA-4.0 OR CC-BY-SA-3.0 OR CC-BY-SA-2.5",
    "CC BY-SA 4.0-3.0": "CC-BY-SA-4.0 OR CC-BY-SA-3.0",
    "CC BY 3.0 and 2.5": "CC-BY-3.0 OR CC-BY-2.5",
    # others
    "GFDL": "GFDL-1.1-or-later",
    "GNU Free Documentation License, Version 1.2 or any later version": "GFDL-1.2-or-later",
    "GNU FDL 1.3": "GFDL-1.3-only",
    "https://www.gnu.org/copyleft/fdl.html": "GFDL-1.1-or-later",
    "https://www.gnu.org/licenses/gpl-3.0.html": "GPL-3.0-only",
    "GPLv3": "GPL-3.0-only",
    "GPL v2+": "GPL-2.0-or-later",
    "GNU General Public License version 3": "GPL-3.0-only",
    "LGPL 2.1": "LGPL-2.1-only",
    "FAL": "LAL-1.3",
    "Free Art License 1.3": "LAL-1.3",
    "https://artlibre.org/licence/lal/en/": "LAL-1.3",
    "Licence Art Libre 1.2": "LAL-1.2",
    "OGL 3": "OGL-UK-3.0",
    "OGL v1.0": "OGL-UK-1.0",
    "OGL 1.0a": UNKNOWN,
    "Open Government Licence v3.0": "OGL-UK-3.0",
    "Open Government Licence - Canada": UNKNOWN,
    "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/2/": "OGL-UK-2.0",
    "OGA-BY 3.0": "LicenseRef-OGA-BY-3.0",
    "The MIT License (MIT)": "MIT",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "https://opensource.org/license/apache-2-0": "Apache-2.0",
    "https://spdx.org/licenses/ISC.html": "ISC",
    "BSD 3-Clause": "BSD-3-Clause",
    "SIL Open Font License 1.1": "OFL-1.1",
    "ODbL": "ODbL-1.0",
    "Unsplash License": "LicenseRef-Unsplash",
    "Copyrighted free use": "LicenseRef-Copyrighted-Free-Use",
    "Attribution": "LicenseRef-Attribution",
    # two at once
    "GFDL, CC BY-SA 3.0": "GFDL-1.1-or-later AND CC-BY-SA-3.0",
    "self|GFDL|cc-by-sa-3.0,2.5": "GFDL-1.1-or-later OR CC-BY-SA-3.0 OR CC-BY-SA-2.5",
    "GFDL 1.2 or later, CC BY-SA 4.0, 3.0": "GFDL-1.2-or-later AND (CC-BY-SA-4.0 OR CC-BY-SA-3.0)",
    "Dual-licensed: CC BY 3.0, GPL 2.0": "CC-BY-3.0 OR GPL-2.0-only",
    "CC BY-SA 3.0 or GFDL": "CC-BY-SA-3.0 OR GFDL-1.1-or-later",
    "Text CC BY-SA 3.0; for images ask the authors or see their pages; code under the MIT license": "CC-BY-SA-3.0 AND MIT",
    # the same twice, once with less
    "Creative Commons Attribution-ShareAlike (CC BY-SA 3.0)": "CC-BY-SA-3.0",
    "Creative Commons: https://creativecommons.org/licenses/by/2.0/": "CC-BY-2.0",
    "CC BY-SA 4.0, 3.0 (https://creativecommons.org/licenses/by-sa/4.0/)": "CC-BY-SA-4.0 OR CC-BY-SA-3.0",
    "GPLv3 (GNU General Public License)": "GPL-3.0-only",
    "CC BY 3.0; CC BY-SA 3.0": "CC-BY-3.0 AND CC-BY-SA-3.0",
    "CC BY; CC BY-SA 3.0": "LicenseRef-CC-BY AND CC-BY-SA-3.0",
    # no licence
    "© 2000 Foo. All rights reserved": RESERVED,
    "All Rights Reserved": RESERVED,
    "Copyright Foo": RESERVED,
    "(c) 1999-2003 Foo Bar": RESERVED,
    "&copy; Foo": RESERVED,
    "Alle Rechte vorbehalten": RESERVED,
    "無断転載禁止": RESERVED,
    "http://rightsstatements.org/vocab/InC/1.0/": RESERVED,
    "https://rightsstatements.org/page/InC-NC/1.0/?language=en": "LicenseRef-RightsStatements-InC-NC-1.0",
    "http://rightsstatements.org/vocab/NoC-US/1.0/": "LicenseRef-RightsStatements-NoC-US-1.0",
    "http://rightsstatements.org/vocab/NKC/1.0/": NO_KNOWN,
    "http://rightsstatements.org/vocab/CNE/1.0/": UNKNOWN,
    "No known copyright restrictions": NO_KNOWN,
    "No restrictions": NO_KNOWN,
    "Public domain": PUBLIC_DOMAIN,
    "public-domain": PUBLIC_DOMAIN,
    "PD-old-100": PUBLIC_DOMAIN,
    "{{PD-self}}": PUBLIC_DOMAIN,
    "Gemeinfrei": PUBLIC_DOMAIN,
    "© none: in the public domain": PUBLIC_DOMAIN,
    "United States government work": PUBLIC_DOMAIN,
    "This is not in the public domain": UNKNOWN,
    "Fair use": FAIR_USE,
    "{{Fairuse}}": FAIR_USE,
    "© Bandai. All rights reserved. Used under fair use.": FAIR_USE,
    "© 2020 Foo. Licensed under CC BY 4.0": "CC-BY-4.0",
    "Text: CC BY-SA 3.0. All rights reserved for images.": "CC-BY-SA-3.0 AND LicenseRef-All-Rights-Reserved",
    # nothing can be said
    "": UNKNOWN,
    "  \n": UNKNOWN,
    "unknown": UNKNOWN,
    "Free for personal use": UNKNOWN,
    "No copyright infringement intended": UNKNOWN,
    "Copyright status unknown": UNKNOWN,
    "verbreitet mit Freude": UNKNOWN,
    "( and mit": UNKNOWN,
    "mit or": UNKNOWN,
    "() or ()": UNKNOWN,
    "Attribution: John, 2": UNKNOWN,
    "By John Smith 3.0": UNKNOWN,
    "© MIT Museum": RESERVED,
    # what our own sources say
    ROBOT_LICENSE: "CC-BY-4.0",
    OWN_LICENSE: "MIT",
    Demo.license: "CC-BY-4.0 AND MIT",
    Mahq.license: RESERVED,
    "All rights reserved (Original content ©2000 to by Accidental Pilot, Inc.)": RESERVED,
}


@pytest.mark.parametrize(("text", "expression"), SPELLINGS.items())
def test_spellings(text: str, expression: str) -> None:
    assert licences.spdx(text) == expression


GRAMMAR = get_spdx_licensing()


def valid(expression: str) -> bool:
    """Whether it is an SPDX expression: ids of the list, LicenseRefs, AND, OR and parentheses."""
    if expression == UNKNOWN:
        return True
    assert all(
        re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]*[A-Za-z0-9]", one) for one in licences.ids(expression) if one.startswith("LicenseRef")
    )
    listed = re.sub(r"LicenseRef-[A-Za-z0-9.-]+", "MIT", expression)
    return not GRAMMAR.validate(listed).errors


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_answer_is_an_expression_that_reads_as_itself(text: str) -> None:
    expression = licences.spdx(text)
    assert valid(expression)
    if "LicenseRef" not in expression or " " not in expression:
        assert licences.spdx(expression) == expression


WORDS = [
    "cc",
    "CC0",
    "by",
    "-sa",
    "-nc",
    " 4.0",
    ",3.0",
    "GFDL",
    " or later",
    "Creative Commons",
    "Attribution",
    "all rights reserved",
    "©",
    "MIT",
]
WORDS += [
    "https://creativecommons.org/licenses/",
    "/de",
    "public domain",
    " or ",
    "|",
    " ",
    "fair use",
    "1.2",
    "no ",
    "License",
    "GPL",
    "{{",
    "&#",
    "é",
]


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=12).map("".join)))
def test_any_text_gives_an_expression(text: str) -> None:
    expression = licences.spdx(text)
    assert valid(expression)
    assert licences.name(expression)
    assert licences.url(expression).startswith(("", "http"))


@pytest.mark.parametrize(
    "unit", ["a", "cc by ", "by-sa-", "4.0,", "creativecommons.org/", "attribution", "non ", "or ", " ", "GPL ", "(", "public domain mark "]
)
def test_hostile_texts_take_no_time(unit: str) -> None:
    begun = time.perf_counter()
    licences.spdx(unit * (100_000 // len(unit)))
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("expression", "url", "name"),
    [
        ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
        ("CC-BY-NC-ND-2.0", "https://creativecommons.org/licenses/by-nc-nd/2.0/", "CC BY-NC-ND 2.0"),
        ("CC-BY-SA-3.0-DE", "https://creativecommons.org/licenses/by-sa/3.0/de/", "CC BY-SA 3.0 DE"),
        ("CC-SA-1.0", "https://creativecommons.org/licenses/sa/1.0/", "CC SA 1.0"),
        ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("CC-PDM-1.0", "https://creativecommons.org/publicdomain/mark/1.0/", "Public Domain Mark 1.0"),
        ("MIT", "https://spdx.org/licenses/MIT.html", "MIT"),
        ("GFDL-1.3-or-later", "https://spdx.org/licenses/GFDL-1.3-or-later.html", "GFDL-1.3-or-later"),
        ("LicenseRef-CC-NC-SA-1.0", "https://creativecommons.org/licenses/nc-sa/1.0/", "CC NC-SA 1.0"),
        ("LicenseRef-CC-BY-SA", "", "CC BY-SA"),
        ("LicenseRef-RightsStatements-NoC-US-1.0", "http://rightsstatements.org/vocab/NoC-US/1.0/", "RightsStatements NoC US 1.0"),
        (RESERVED, "", "All rights reserved"),
        (UNKNOWN, "", "Terms not known"),
        ("CC-BY-SA-4.0 OR CC-BY-SA-3.0", "https://creativecommons.org/licenses/by-sa/4.0/", "CC BY-SA 4.0 or CC BY-SA 3.0"),
        ("MIT AND (CC-BY-4.0 OR CC-BY-3.0)", "https://spdx.org/licenses/MIT.html", "MIT and (CC BY 4.0 or CC BY 3.0)"),
        ("", "", ""),
    ],
)
def test_address_and_name(expression: str, url: str, name: str) -> None:
    assert (licences.url(expression), licences.name(expression)) == (url, name)


def test_the_list_is_loaded_only_when_it_is_needed() -> None:
    code = "import sys, pipeline.licences; print('license_expression' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert done.stdout.strip() == "False"
