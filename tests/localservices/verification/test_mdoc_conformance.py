"""Mobile documents and their parts by what others publish."""

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from localservices.verification import certificates, engine, jwk, trust, trust_files
from localservices.verification.formats import cose
from localservices.verification.formats.cose import Embedded
from localservices.verification.formats.mdoc_device import device_key
from localservices.verification.formats.mdoc_reading import documents
from localservices.verification.knowledge import Knowledge, When
from localservices.verification.verdict import Check, Reason, State
from tests.localservices.verification.authorities import b64

DATA = Path(__file__).parents[4] / "shared" / "data" / "mdoc"
SPRUCE = DATA / "isomdl" / "definitions"
pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="../shared/data is not beside this checkout"
)
# RFC 9052, appendix C.7.1: the public key "11" of its examples.
ELEVEN = {
    "kty": "EC",
    "crv": "P-256",
    "x": b64(bytes.fromhex("bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff")),
    "y": b64(bytes.fromhex("20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e")),
}
AUTUMN = When(int(datetime(2023, 9, 1, tzinfo=UTC).timestamp() * 1000))


def auth0(name: str, key: str) -> list[bytes]:
    told = json.loads((DATA / "auth0-lab" / f"{name}.tests.json").read_text("utf-8"))
    return [bytes.fromhex(text) for text in told["hex"][key]]


def test_isomdl_s_message_is_signed_by_the_key_of_the_rfc_s_example() -> None:
    data = bytes.fromhex((SPRUCE / "cose" / "sign1" / "serialized.cbor").read_text("ascii"))
    signed = cose.read(data)
    assert (signed.payload, signed.kid) == (b"This is the content.", b"11")
    assert cose.is_signed_by(signed, jwk.read(ELEVEN))
    for place in range(data.index(b"This"), len(data)):  # what is signed, and the signature
        spoiled = bytearray(data)
        spoiled[place] ^= 1 << Random(place).randrange(8)
        if place not in (data.index(b"\x58\x40", 20), data.index(b"\x58\x40", 20) + 1):
            assert not cose.is_signed_by(cose.read(bytes(spoiled)), jwk.read(ELEVEN)), place


def test_isomdl_s_key_is_a_device_s_key() -> None:
    data = bytes.fromhex((SPRUCE / "cose_key" / "ec_p256.cbor").read_text("ascii"))
    key = device_key({"deviceKeyInfo": {"deviceKey": cose.load(data)}})
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.public_numbers().x.to_bytes(32, "big") in data


def test_items_stay_as_they_were_encoded() -> None:
    nested, item = auth0("cbor", "encoded")
    for data in (nested, item):
        found = cose.load(data, embedded=True)
        assert isinstance(found, Embedded)
        assert found.encoded == data
    told = cose.load(cose.load(item, embedded=True).data)
    assert (told["elementIdentifier"], told["elementValue"]) == ("family_name", "Doe")


def test_a_document_whose_security_object_is_not_wrapped_is_read_and_not_believed() -> None:
    """Its publisher's library verifies the signature, and we do: but as no mobile document.

    ISO/IEC 18013-5, section 9.1.2.4, signs MobileSecurityObjectBytes, which is tagged as embedded
    CBOR; here the map stands bare. It also names its hash in small letters, which is no name there.
    """
    [data] = auth0("parser_deviceResponse", "encodedDeviceResponse")
    [document] = documents(data)
    der = document.signed.chain[0]
    assert cose.is_signed_by(document.signed, certificates.read(der).key)
    names = {name: value for items in document.items.values() for _, name, value, _ in items}
    assert (names["given_name"], names["family_name"]) == ("Mascetti", "Raffaello")
    known = Knowledge((trust.of_certificates([der], AUTUMN.at_ms),))
    verdict = engine.judge(data.hex(), known, AUTUMN)
    assert (verdict.state, verdict.reason) == (State.MALFORMED, Reason.SCHEMA)
    assert verdict.details == {"field": "MobileSecurityObject"}
    assert Check.SIGNATURE not in verdict.checks


def test_an_element_that_was_changed_in_a_published_licence_is_found() -> None:
    [data] = auth0("example_example1", "deviceResponse")
    known = Knowledge((trust_files.read(DATA / "auth0-lab" / "issuer.pem"),))
    when = When(AUTUMN.at_ms + 30 * 24 * 3600 * 1000)
    assert engine.judge(data.hex(), known, when).state is State.HOLDER_UNBOUND
    tampered = data.replace(b"Smith", b"Smyth")
    assert tampered != data
    verdict = engine.judge(tampered.hex(), known, when)
    assert (verdict.state, verdict.reason) == (State.TAMPERED, Reason.SIGNATURE)
