"""What a user can cause. The command line turns each into one line and exit code 1.

A message names the file, states the rule, then says what came. Anything else that is raised
is a bug and shows its trace.
"""

LONGEST_LINE = 2000
"""Characters of a message, which may quote a whole file."""


class MitokerasError(Exception):
    """Base of all errors a user can cause and mend."""


class DataError(MitokerasError):
    """An image, mask, label file or data set breaks a rule."""


class ConfigError(MitokerasError):
    """A configuration or preset has an unknown key, a wrong type or a value out of range."""


class ModelError(MitokerasError):
    """A run, bundle or weights file is missing, incomplete, changed or of another version."""


class TrainingError(MitokerasError):
    """Training cannot go on, for example because the loss is not finite."""


class MissingExtraError(MitokerasError):
    """A command needs packages of an extra that is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the '{extra}' extra. Install it: pip install 'mitokeras[{extra}]'"
        )


def reason_of(error: BaseException) -> str:
    """The message of an error on one line, or the name of its class where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def one_line(error: Exception, place: object = None) -> str:
    """What to tell the user of an error that they can cause.

    Args:
        error: A MitokerasError, or an OSError of a disk or a permission.
        place: What was being written or read, for an OSError that names no file.
    """
    if not isinstance(error, OSError):
        text = reason_of(error)
        return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} ..."
    reason = error.strerror or reason_of(error)
    where = error.filename or place
    return f"{where}: {reason}" if where else reason
