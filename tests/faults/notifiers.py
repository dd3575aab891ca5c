"""Notifiers as real processes over one database and one mail sink, with letters to send."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from services.contacts.vault import Vault
from services.embedded.environment import KEPT
from services.embedded.mail import Mail
from services.embedded.processes import Child, free_port
from services.notifier.tables import LetterRow
from tests.faults.proxy.proxy import SMTP, Proxy
from tests.notifier import scene as scenes
from tests.notifier.scene import SECRET, Scene, open_scene, shortlist
from tests.waiting import eventually

LIMIT = 60.0


@dataclass
class Notifiers:
    """Started one by one; without Kafka, which letters do not need."""

    database: str
    mail: Mail
    proxy: Proxy
    scene: Scene
    folder: Path
    key: str
    started: list[Child] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, database: str, folder: Path, patch: pytest.MonkeyPatch
    ) -> AsyncIterator[Notifiers]:
        key = Fernet.generate_key().decode()
        patch.setattr(scenes, "VAULT", Vault([key]))
        mail = Mail(folder / "mail")
        with ExitStack() as stack:
            stack.callback(mail.stop)
            mail.start()
            proxy = stack.enter_context(Proxy(("127.0.0.1", mail.smtp_port), SMTP))
            scene = open_scene(database)
            opened = cls(database, mail, proxy, scene, folder, key)
            yield opened
            for child in opened.started:
                child.resume()
                child.kill()
            await scene.close()

    def start(self, name: str, settings: Mapping[str, str] | None = None) -> Child:
        """One more process; its letters come from *name* at example.org."""
        child = Child(
            name=name,
            command=[sys.executable, "-m", "services.cli", "run", "notifier"],
            log=self.folder / f"{name}.log",
            environment=self._told(name) | (settings or {}),
        )
        child.start()
        self.started.append(child)
        return child

    async def write(self, count: int = 1) -> int:
        """Shortlists of one learner each are sent; how many letters that makes."""
        events = [shortlist() for _ in range(count)]
        for event in events:
            await self.scene.know(event)
        await self.scene.hear(*events)
        return 2 * count

    async def row(self, state: str) -> LetterRow:
        """The first letter that is in *state*, once there is one."""

        async def look() -> LetterRow | None:
            found = [row for row in await self.scene.letters() if row.state == state]
            return found[0] if found else None

        return await eventually(look, limit=LIMIT, what=f"a letter that is {state}")

    async def all_are(self, *states: str) -> None:
        """Wait until each letter is in one of *states*."""

        async def look() -> bool:
            return {row.state for row in await self.scene.letters()} <= set(states)

        await eventually(look, limit=LIMIT, what=f"letters that are {states}")

    async def mails(self) -> Counter[str]:
        """How often each letter lies in the sink, by the id of its row."""
        known = {f"<{row.letter_id}@example.org>" for row in await self.scene.letters()}
        found = Counter(mail["message_id"] for mail in self.mail.messages())
        assert set(found) <= known
        return found

    def command(self, *words: str) -> str:
        """What `p2a letters` prints."""
        done = subprocess.run(
            [sys.executable, "-m", "services.cli", "letters", *words],
            env=self._told("person"), capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def _told(self, name: str) -> dict[str, str]:
        kept = {key: os.environ[key] for key in KEPT if key in os.environ}
        return kept | {
            "P2A_DATABASE_URL": self.database,
            "P2A_KAFKA_BOOTSTRAP": "127.0.0.1:9",
            "P2A_VALKEY_URL": "redis://127.0.0.1:9/0",
            "P2A_PORT": str(free_port()),
            "P2A_CONTACTS_KEYS": self.key,
            "P2A_LINK_SECRET": SECRET,
            "P2A_SMTP_HOST": "127.0.0.1",
            "P2A_SMTP_PORT": str(self.proxy.port),
            "P2A_SMTP_TIMEOUT": "PT1.5S",
            "P2A_LEASE": "PT3S",
            "P2A_RETRY_UNIT": "PT0.1S",
            "P2A_MAIL_FROM": f"{name}@example.org",
            "P2A_HELP_PHONE": "0121 496 0100",
        }
