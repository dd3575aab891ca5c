"""The desks as the settings want them."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from services.contacts.vault import Vault
from services.intake.acceptance import Desks
from services.intake.judging import Book
from services.intake.learner_desk import LearnerDesk
from services.intake.lexicon import Lexicon
from services.intake.programmes import load_programmes
from services.intake.settings import TakingSettings
from services.intake.vacancy_desk import VacancyDesk
from services.intake.wages import load_rates


def utc_today() -> date:
    """The day it is."""
    return datetime.now(UTC).date()


def open_desks(settings: TakingSettings, *, today: Callable[[], date] = utc_today) -> Desks:
    """Desks with the tables that *settings* name; raises what a bad key or table raises."""
    vault = Vault(settings.vault_keys)
    book = Book(
        rates=load_rates(settings.intake_wages),
        passes=settings.passes,
    )
    programmes = load_programmes(settings.intake_programmes)
    lexicon = Lexicon()
    return Desks(
        learners=LearnerDesk(vault=vault, programmes=programmes, lexicon=lexicon, today=today),
        vacancies=VacancyDesk(vault=vault, book=book, lexicon=lexicon),
    )
