"""A state's authority for travel documents and whom it certifies, made for a test."""

from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import algos, keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from localservices.verification import trust
from localservices.verification.knowledge import Knowledge
from tests.localservices.verification.issuing import DAY, NOW, NOW_MS

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
VDS_NC = "2.23.136.1.1.14.2"


def a_name(common: str) -> x509.Name:
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "UA")
    return x509.Name([country, x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Authority:
    """``spki``: its key as its certificate has it, such as with its curve written out."""

    key: PrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    spki: bytes | None = None
    is_authority: bool = True
    ends: datetime = NOW + 3_000 * DAY

    def __post_init__(self) -> None:
        self.der = self.certify("CSCA", self.key, self.is_authority, ends=self.ends)
        if self.spki is not None:
            self.der = signed_anew(self.der, self.spki, self.key)

    @property
    def known(self) -> Knowledge:
        return Knowledge((trust.of_certificates([self.der], NOW_MS),))

    def certify(
        self,
        common: str,
        key: PrivateKey,
        is_authority: bool = False,
        usages: tuple[str, ...] = (),
        ends: datetime = NOW + 300 * DAY,
    ) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(a_name(common))
            .issuer_name(a_name("CSCA"))
            .public_key(key.public_key())
            .serial_number(7)
            .not_valid_before(NOW - 100 * DAY)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        )
        if usages:
            oids = [x509.ObjectIdentifier(usage) for usage in usages]
            builder = builder.add_extension(x509.ExtendedKeyUsage(oids), critical=False)
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.DER)


def signed_anew(der: bytes, spki: bytes, key: PrivateKey) -> bytes:
    """The certificate with another key in it, whose signature is made anew."""
    found = asn1.Certificate.load(der)
    found["tbs_certificate"]["subject_public_key_info"] = keys.PublicKeyInfo.load(spki)
    signed = found["tbs_certificate"].dump(force=True)
    found["signature_value"] = raw_signature(key, signed)
    return bytes(found.dump(force=True))


def raw_signature(key: PrivateKey, data: bytes, is_pss: bool = False) -> bytes:
    """As X.509 and CMS have it, over SHA-256."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(SHA256()))
    pad = padding.PSS(padding.MGF1(SHA256()), 32) if is_pss else padding.PKCS1v15()
    return key.sign(data, pad, SHA256())


def spki_of(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def an_algorithm(key: PrivateKey, is_pss: bool = False) -> algos.SignedDigestAlgorithm:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    if not is_pss:
        return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    hashed = {"algorithm": "sha256"}
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": hashed,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
            "salt_length": 32,
        }
    )
    return algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
