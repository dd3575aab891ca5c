"""What the browser is given to draw with."""

import json
import re
from pathlib import Path

from services.pages.build import build
from services.pages.frame import BUILT

ROOT = Path(__file__).parents[2]
# marks that only GOV.UK itself may show
GOVERNMENT = re.compile(r"gds.?transport|@font-face|crown|crest|govuk-header|1d70b8", re.IGNORECASE)


def test_nothing_we_ship_carries_a_mark_of_gov_uk() -> None:
    """No font, crown, crest, header or blue of theirs is in the built files."""
    sheets = list(BUILT.glob("*.css"))
    assert len(sheets) == 1
    text = sheets[0].read_text()
    assert ".govuk-button" in text
    assert GOVERNMENT.search(text) is None
    assert "url(" not in text  # the policy of our pages would refuse it


def test_a_build_gives_the_same_names_twice_and_hashes_them(tmp_path: Path) -> None:
    """Names hold the content's hash, so browsers may keep the files for a year."""
    manifest = build(tmp_path / "one")
    assert manifest == build(tmp_path / "two")
    assert re.fullmatch(r"style\.[0-9a-f]{12}\.css", manifest["style.css"])
    assert (tmp_path / "one" / manifest["style.css"]).read_bytes()


def test_the_package_lock_holds_hashes_and_no_addresses() -> None:
    """Where packages come from is each machine's business; what they are is not."""
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert packages
    assert all(
        "integrity" in package and "resolved" not in package for package in packages.values()
    )
