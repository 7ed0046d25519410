"""RSA keys for apps, as GitHub hands them out."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


def new_private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@cache
def loaded(private_key: str) -> rsa.RSAPrivateKey:
    """The key as an object. Reading one checks it, which takes tens of milliseconds."""
    key = load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("GitHub's keys are RSA keys")
    return key


def public_key(private_key: str) -> str:
    return loaded(private_key).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
