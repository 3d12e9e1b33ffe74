"""Who may sign in, and what a sign-in opens: the boxes joined to the desk and the working set."""

from sync.store.errors import StoreFullError
from sync.store.keys import Account, Boxes, Role
from sync.store.store import Store
from sync.store.working import Working


class Accounts:
    """Every method may be called from any thread."""

    def __init__(self, boxes: Boxes, store: Store, working: Working) -> None:
        self._boxes = boxes
        self._store = store
        self._working = working
        self._working_key: bytes | None = None
        store.segments.desk = boxes.desk()

    def any(self) -> bool:
        """False: nobody can sign in yet, the first account is to be made."""
        return self._boxes.any()

    def create_first(self, name: str, passphrase: str) -> Account:
        """Make the desk, its working set, and the first member of staff, who is then signed in."""
        assert not self.any()
        key = self._boxes.new_working_key()
        opening = self._boxes.make_desk(key)
        account = Account(name, Role.STAFF)
        self._boxes.put(account, passphrase, key)
        self._store.segments.desk = opening.public()
        self._store.share_with_desk()
        self._unlock(key)
        return account

    def create(self, name: str, passphrase: str, role: Role) -> Account:
        """Add an account while the working set is open.

        Raises:
            LockedError: only signed-in staff can hand on what opens the working set.
        """
        with self._working.reading():
            key = self._working_key
        account = Account(name, role)
        self._boxes.put(account, passphrase, key if role is Role.STAFF else None)
        return account

    def sign_in(self, name: str, passphrase: str) -> Account:
        """Give the account; a member of staff unlocks the working set by signing in.

        Raises:
            WrongPassphraseError: no account opens so.
        """
        opened = self._boxes.open(name, passphrase)
        if opened.working_key is not None:
            self._unlock(opened.working_key)
        return opened.account

    def lock(self) -> None:
        """Close the working set and forget every key that opens it."""
        self._working_key = None
        self._working.lock()

    def _unlock(self, key: bytes) -> None:
        self._store.segments.unlock(self._boxes.open_desk(key))
        self._store.learn_keys()
        try:
            self._working.open(key)
        except StoreFullError:
            return  # signed in all the same: to write and to verify nothing need be open
        self._working_key = key
