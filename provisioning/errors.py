"""What can stop a technician's work: each error is one plain sentence that says what to do."""


class ProvisioningError(Exception):
    """The work could not be done. ``str(error)`` is a sentence for the technician."""


class KeyFileError(ProvisioningError):
    """A key or certificate file is absent, unreadable or not what its name says."""


class PassphraseError(ProvisioningError):
    """The passphrase does not open the key, or is too short to protect one."""


class ExpiredError(ProvisioningError):
    """A certificate is outside its time of validity."""


class OccupiedError(ProvisioningError):
    """The place already holds an authority: nothing was overwritten."""


class NotANameError(ProvisioningError):
    """A name that cannot stand in a certificate."""
