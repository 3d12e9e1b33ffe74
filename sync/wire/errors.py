"""What can be wrong with bytes that came from outside."""


class WireError(Exception):
    """The peer sent something that is not our language. Never our own bug."""


class MalformedError(WireError):
    """Not decodable, not canonical, or a field is missing or of the wrong type."""


class OversizedError(WireError):
    """Larger, deeper or longer than the limit in ``sync.wire.limits``."""


class VersionError(WireError):
    """A version of the wire that this side does not speak."""


class SignatureError(WireError):
    """Not signed by the key that the sender must hold, or not over these bytes."""


class SealError(WireError):
    """The ciphertext does not open under the key that it names, or at this place."""


class KindError(WireError):
    """A record whose kind or shape this side does not know: keep the bytes, do not guess."""


class DictionaryError(WireError):
    """A batch was packed with a dictionary that is not here."""
