"""The base of every type that is written to disk."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.errors import unknown

# What was found may be a whole file.
LONGEST_FOUND = 60


class Frozen(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Written(Frozen):
    """A value that people write: a field it does not know is answered by the nearest one."""

    @model_validator(mode="before")
    @classmethod
    def _know_every_field(cls, values: Any) -> Any:
        fields = cls.model_fields
        for name in values if isinstance(values, dict) else ():
            if name not in fields:
                raise ValueError(unknown("field", str(name), fields))
        return values

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with these fields changed. Unlike pydantic's own, it checks them."""
        return self.model_validate({**dict(self), **(update or {})})


class Document(Frozen):
    """A file of its own; ``schema`` is the version of its form."""

    model_config = ConfigDict(
        validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    # The field is named apart because pydantic's models have an attribute ``schema``.
    schema_version: int = Field(default=1, alias="schema", ge=1, le=1)

    def to_json(self) -> str:
        """Return the document as indented JSON with a final newline."""
        return self.model_dump_json(indent=2) + "\n"


def explain(error: ValidationError) -> str:
    """Put a validation error into one sentence: which field, what is wrong, what was found."""
    parts = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        found = "" if isinstance(item["input"], dict) else f" (found {_short(item['input'])})"
        parts.append(f"{place}: {message}{found}" if place else f"{message}{found}")
    return "; ".join(parts)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST_FOUND else f"{text[:LONGEST_FOUND]}…"
