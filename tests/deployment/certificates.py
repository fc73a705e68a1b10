"""A private certificate authority, and a certificate of it for 127.0.0.1 and localhost."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .environment import real_python

_MAKE = """
import sys
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ca_file, server_file = sys.argv[1:]
now = datetime.now(timezone.utc)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def builder(subject, key):
    return (
        x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name("A test's own CA"))
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=2))
    )


def usage(signs_certificates):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    on = {"key_cert_sign", "crl_sign"} if signs_certificates else {"digital_signature"}
    return x509.KeyUsage(**{n: n in on for n in names})


ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
ca_id = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
ca = (
    builder("A test's own CA", ca_key)
    .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    .add_extension(usage(True), critical=True)
    .add_extension(ca_id, critical=False)
    .sign(ca_key, hashes.SHA256())
)
names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
server = (
    builder("localhost", key)
    .add_extension(names, critical=False)
    .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    .add_extension(usage(False), critical=True)
    .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_id), critical=False)
    .sign(ca_key, hashes.SHA256())
)
PEM = serialization.Encoding.PEM
private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
open(ca_file, "wb").write(ca.public_bytes(PEM))
open(server_file, "wb").write(server.public_bytes(PEM) + private)
"""


@dataclass(frozen=True)
class Certificates:
    """Two PEM files."""

    ca: Path
    server: Path
    """The server's certificate and its key."""


def private_ca(folder: Path) -> Certificates:
    """Makes both in the folder, with the `cryptography` of the real Djoser's environment."""
    made = Certificates(folder / "ca.pem", folder / "server.pem")
    command = [str(real_python()), "-c", _MAKE, str(made.ca), str(made.server)]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    return made
