"""What can go wrong around central: each error is one plain sentence that says what to do."""


class CentralError(Exception):
    """Central cannot do what it was asked. ``str(error)`` is a sentence for operations."""


class BrokerError(CentralError):
    """The broker cannot run."""
