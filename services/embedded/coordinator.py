"""A coordinator, played: signs in at the console and approves whatever is proposed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.embedded.browser import Form, Page, PageRefused, Visitor

SHORTLIST = re.compile(r"/shortlists/[0-9a-f-]{36}$")
GROUP = re.compile(r"[?&]group=")
STALE = 409
MOST_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One person at the console at *url*, by the forms every coordinator uses."""

    visitor: Visitor
    url: str

    def sign_in(self) -> None:
        """As the first of the coordinators the sign-in page offers."""
        page = self.visitor.open(f"{self.url}/sign-in")
        form = next(form for form in page.forms() if "account" in form.choices)
        self.visitor.send(form, {"account": form.choices["account"][0]})

    def approve_everything(self) -> int:
        """Approve every proposed match of every shortlist on the work list; how many."""
        return sum(self._approve(url) for url in self.shortlists())

    def shortlists(self) -> list[str]:
        """The addresses of every shortlist on the work list."""
        home = self.visitor.open(f"{self.url}/")
        groups = [link for link in home.links() if GROUP.search(link)]
        pages = [home, *(self.visitor.open(link) for link in groups)]
        # in the order of ids, so that every run decides in the same order
        return sorted({link for page in pages for link in page.links() if SHORTLIST.search(link)})

    def _approve(self, url: str) -> int:
        """A round may come between looking and deciding: then look again."""
        for _ in range(MOST_LOOKS):
            ticking = _ticking(self.visitor.open(url))
            if ticking is None:
                return 0
            proposed = ticking.choices["match"]
            try:
                form = _confirming(self.visitor.send(ticking, {"match": proposed}))
                if form is not None:
                    self.visitor.send(form)
                    return len(form.fields["match"])
            except PageRefused as refused:
                if refused.status != STALE:
                    raise
        raise PageRefused(STALE, f"the shortlist changed {MOST_LOOKS} times while being decided")


def _confirming(page: Page) -> Form | None:
    """The form that approves those chosen; None if none of them can be any more."""
    forms = [form for form in page.forms() if form.method == "POST" and "match" in form.fields]
    return forms[0] if forms else None


def _ticking(page: Page) -> Form | None:
    """The form with a box for each match that can be approved; None if there is none."""
    forms = [form for form in page.forms() if form.choices.get("match")]
    return forms[0] if forms else None
