"""Forms: what a browser sent, checked; what is wrong with it, in words."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import ImmutableMultiDict, UploadFile


class FormRefused(Exception):
    """*faults* says what is wrong, field by field; *entries* is what was entered, to show again."""

    def __init__(self, entries: Mapping[str, object], faults: Mapping[str, str]) -> None:
        super().__init__(f"fields refused: {', '.join(sorted(faults))}")
        self.entries = entries
        self.faults = faults


class Form(BaseModel):
    """
    A form's fields. ``words`` holds, for each field, the one sentence that says what to do.

    A field is also the id of its first input on the page, so that the summary can link to it.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", str_strip_whitespace=True, hide_input_in_errors=True
    )
    words: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def read(cls, sent: ImmutableMultiDict[str, Any]) -> Self:
        """The form as *sent*, in a body or a query; empty fields are absent. Raises FormRefused."""
        entries = _entries(cls, sent)
        try:
            return cls.model_validate({name: value for name, value in entries.items() if value})
        except ValidationError as error:
            found = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors())
            faults = {field: cls.words.get(field, "Check this answer") for field in found}
            raise FormRefused(entries, faults) from error


def _entries(form: type[Form], sent: ImmutableMultiDict[str, Any]) -> dict[str, object]:
    entries: dict[str, object] = {}
    for name, field in form.model_fields.items():
        values = [value for value in sent.getlist(name) if not isinstance(value, UploadFile)]
        many = get_origin(field.annotation) is tuple
        entries[name] = values if many else (values[-1] if values else "")
    return entries
