"""Records that JSON files are read into, with their keys, types and ranges checked."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from mitokeras.errors import ConfigError

Checked = TypeVar("Checked", bound=BaseModel)


class Record(BaseModel):
    """A frozen record; an unknown key, a wrong type or a value out of range is refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        # With any bound, text that UTF-8 cannot hold is refused as well.
        str_max_length=100_000,
    )

    def to_json(self) -> dict[str, Any]:
        """As it stands in a file."""
        return self.model_dump(mode="json")

    def changed(self, **values: Any) -> Self:
        """A copy with some values replaced, checked as a whole.

        Raises:
            ConfigError: See `parse`.
        """
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return parse(type(self), {**kept, **values})


class SparseRecord(Record):
    """A record whose file leaves out what is not known."""

    def to_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)


class LeanRecord(Record):
    """A record that is written without what is None or empty unless it is said.

    So a file about what does not have a thing is the same as before there was such a thing.
    """

    @model_serializer(mode="wrap")
    def _without_what_is_not_there(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            name: value
            for name, value in write(self).items()
            if not (value in (None, "") and value == fields[name].default)
        }


def parse(record: type[Checked], values: Any) -> Checked:
    """Build a record from parsed JSON.

    Raises:
        ConfigError: In one line, the first value that is wrong, with its rule.
    """
    try:
        return record.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        keys = [str(key) for key in first["loc"]]
        if first["type"] == "extra_forbidden":
            part: Any = record
            for key in keys[:-1]:
                field = part.model_fields.get(key)
                part = None if field is None else field.annotation
                if not hasattr(part, "model_fields"):  # a dictionary, or one of several records
                    raise ConfigError(f"unknown key '{'.'.join(keys)}'") from error
            known = ", ".join(part.model_fields)
            raise ConfigError(f"unknown key '{'.'.join(keys)}'. Known: {known}") from error
        where = f"'{'.'.join(keys)}': " if keys else ""
        raise ConfigError(f"{where}{first['msg']}. Received: {first['input']!r}") from error
