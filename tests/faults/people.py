"""A coordinator who approves whatever is proposed, and everybody who gets a letter and answers."""

from __future__ import annotations

from typing import Any

from services.embedded.answers import Answering, Question
from services.embedded.browser import PageRefused, Visitor
from services.embedded.coordinator import Coordinator
from services.embedded.mail import Mail
from tests.faults.habit import Habit

EVERY = 0.8
SLOW_TO_ANSWER = 1.0
OUR_FAULT = 500
# whoever asks for a pause does not wait for hundreds
AT_ONCE = 5


def coordinating(url: str) -> Habit:
    """Signs in at the console at *url* and approves everything, each time anew."""

    def act() -> float:
        with Visitor() as visitor:
            coordinator = Coordinator(visitor, url)
            coordinator.sign_in()
            coordinator.approve_everything()
        return EVERY

    return Habit(act, name="the coordinator")


def replying(mail: Mail, seed: int) -> Habit:
    """Answers each letter in the sink that asks something, by the page behind its link."""
    answering = Answering(seed=seed, settle=lambda: None)
    read = 0

    def act() -> float:
        nonlocal read
        letters = mail.messages(after=read)
        for letter in letters[:AT_ONCE]:
            _answer(answering, letter)
            read += 1
        return 0.0 if len(letters) > AT_ONCE else SLOW_TO_ANSWER

    return Habit(act, name="whoever gets letters")


def _answer(answering: Answering, letter: dict[str, Any]) -> None:
    """Once; what went wrong on our side is raised, so that it is tried again."""
    link = next((link for link in letter["links"] if "/reply/" in link), None)
    if link is None:
        return
    side = "learner" if "learners" in letter["to"][0] else "employer"
    with Visitor() as visitor:
        try:
            answering.answer(visitor, [Question(about=letter["message_id"], side=side, url=link)])
        except PageRefused as refused:
            # a time somebody else took meanwhile, a link that is over: they ring us
            if refused.status >= OUR_FAULT:
                raise
