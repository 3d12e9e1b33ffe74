"""What can go wrong around central: each error is one plain sentence that says what to do."""


class CentralError(Exception):
    """Central cannot do what it was asked. ``str(error)`` is a sentence for operations."""


class BrokerError(CentralError):
    """The broker cannot run."""


class KeysError(CentralError):
    """Central's keys or its fleet list do not serve."""


class ClaimError(CentralError):
    """The data folder is another process's, or cannot be used."""


class BackupError(CentralError):
    """The backup cannot be written or read."""


class DictionaryFileError(CentralError):
    """A dictionary cannot be kept."""


class PublishError(CentralError):
    """The catalogue cannot be read or written, or the key may not sign this."""


class RegistryError(CentralError):
    """A registry cannot be built or kept."""


class ServiceError(CentralError):
    """A form or its manifest cannot be published; the sentence is for who made it."""


class LogError(CentralError):
    """The log did not take or give what it was asked to; nothing of it lasts."""


class LogAwayError(LogError):
    """The database is out of reach or full: the same may succeed later."""


class LogRefusedError(LogError):
    """The database refuses these very rows: the same will fail again."""


class LogBrokenError(LogError):
    """The database cannot be trusted any more: the process must end."""
