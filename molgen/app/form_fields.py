"""What was typed into a form, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from molgen.errors import ConfigError

WHOLE = re.compile(r"[-+]?([0-9]{1,30}|[0-9]{1,3}(,[0-9]{3}){1,9})")
NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")


class FieldError(ConfigError):
    """What is wrong with a field of the form.

    Attributes
    ----------
    field
        Its name.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class FormFields:
    """The fields of a form, as they were typed."""

    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def without(self, name: str) -> Self:
        """The form with a field left empty."""
        return type(self)({key: value for key, value in self.fields.items() if key.partition(".")[0] != name})

    def lines(self, name: str) -> list[str]:
        """The lines of a field that aren't empty."""
        return [line.strip() for line in self[name].splitlines() if line.strip()]

    def number(self, name: str, kind: type, default: float | None = None) -> Any:
        """A field as a number.

        Raises
        ------
        FieldError
            It isn't one.
        """
        if not self[name]:
            return default
        text = self[name]
        found = (WHOLE if kind is int else NUMBER).fullmatch(text)
        if found is None:
            what = "a whole number, such as 500" if kind is int else "a number, such as 0.4"
            raise FieldError(name.partition(".")[0], f"'{text[:40]}' is no number; write {what}")
        return kind(text.replace(",", ""))
