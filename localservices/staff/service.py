"""The first account, and who may come in. Knows no HTTP and no HTML."""

import hmac
import threading

from localservices.refusal import FormRefusal, Refusal
from localservices.staff.backoff import Backoff
from localservices.staff.forms import Credentials
from sync.store.accounts import Accounts
from sync.store.errors import WrongPassphraseError
from sync.store.keys import Account, Role

_SETUP = "\x00setup"  # no name can be this


class Reception:
    """Lets people in. Every method may be called from any thread."""

    def __init__(self, accounts: Accounts, backoff: Backoff, setup_code: str) -> None:
        self._accounts = accounts
        self._backoff = backoff
        self._setup_code = setup_code
        self._first = threading.Lock()

    def sign_in(self, credentials: Credentials, address: str) -> Account:
        """Raises Refusal: wrong, or too many tries."""
        name = credentials.name.casefold()
        self._hold_up(name, address)
        try:
            account = self._accounts.sign_in(credentials.name, credentials.passphrase)
        except WrongPassphraseError as error:
            raise Refusal("staff.wrong_passphrase") from error
        self._backoff.succeed(name, address)
        return account

    def create_first(self, code: str, credentials: Credentials, address: str) -> Account:
        """Make the first account for whoever has the setup code.

        Raises:
            Refusal: too many tries, or somebody was quicker.
            FormRefusal: the wrong setup code.
        """
        self._hold_up(_SETUP, address)
        if not hmac.compare_digest(_plain(code), _plain(self._setup_code)):
            raise FormRefusal({"setup_code": Refusal("staff.wrong_setup_code")})
        with self._first:
            if self._accounts.any():
                raise Refusal("staff.first_exists")
            account = self._accounts.create_first(credentials.name, credentials.passphrase)
        self._backoff.succeed(_SETUP, address)
        return account

    def add_colleague(self, credentials: Credentials, role: Role) -> Account:
        """Raises LockedError: only while the working set is open can its key be handed on."""
        return self._accounts.create(credentials.name, credentials.passphrase, role)

    def _hold_up(self, name: str, address: str) -> None:
        wait_ms = self._backoff.begin(name, address)
        if wait_ms:
            raise Refusal("staff.wait", seconds=-(-wait_ms // 1000))


def _plain(code: str) -> bytes:
    """People read a code aloud: case, spaces and hyphens don't count."""
    return "".join(code.split()).replace("-", "").casefold().encode()
