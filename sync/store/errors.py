"""What can go wrong between a record and the disk, or between a person and a locked store."""


class StoreError(Exception):
    """Nothing was saved by the call that raised this."""


class StoreFullError(StoreError):
    """The disk has no room. Nothing was saved; free space and try again."""


class StoreFailedError(StoreError):
    """The disk failed in the middle of a write. The process must leave and start again."""


class LockedError(StoreError):
    """The working set is locked: a member of staff must sign in before it can be read."""


class WrongPassphraseError(StoreError):
    """No account opens with this name and passphrase."""
