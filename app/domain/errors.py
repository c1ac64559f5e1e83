"""What the domain says when a rule is broken."""


class DomainError(Exception):
    """A broken rule: the message is translated and tells the user what to do; `field` is the form field."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class MissingRateError(DomainError, LookupError):
    """No rate is in force where one is needed: staff add it in the panel."""


class NeedsConfirmation(DomainError):  # noqa: N818 - it asks, it does not fail
    """The value may be a slip: it is accepted once the user confirms it."""
