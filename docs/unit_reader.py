#!/usr/bin/env python3
"""Reads a unit off the clouds without Culvert, by docs/specs/unit.md alone.

    unit_reader.py --owner OWNER_PUBLIC_KEY_HEX UNIT [--version N] [--secret READER_SECRET_HEX] FOLDER FOLDER FOLDER FOLDER > content

A FOLDER holds what one cloud has, object by object, under the objects' names, in the order of the configuration's
slots; one that is empty or wrong is read around. --secret is needed for values in mode `sealed`.
Needs Python 3.9 or later, and the package cryptography (Debian: python3-cryptography).
"""
import argparse
import hashlib
import hmac
import pathlib
import struct
import sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LARGEST = 2**63 - 1


class Fields:
    """Little-endian fields, one behind the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("it is cut")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, count):
        return int.from_bytes(self.take(count), "little")

    def part(self, longest):
        count = self.number(4)
        if count > longest:
            raise ValueError("a part is too long")
        return self.take(count)

    def end(self):
        if self.at != len(self.data):
            raise ValueError("it has more bytes than fields")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def verify(key, signed):
    """The signed bytes without the signature, if the key's holder signed them."""
    body, r, s = signed[:-64], signed[-64:-32], signed[-32:]
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    public.verify(utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")), body, ec.ECDSA(hashes.SHA256()))
    return body


def read_configuration(signed, owner):
    fields = Fields(verify(owner, signed))
    if fields.take(8) != b"CULVCFG1":
        raise ValueError("not a configuration")
    store, number = fields.take(16), fields.number(8)
    fields.take(32 + 8)
    faults, clouds, zero = fields.number(1), fields.number(1), fields.number(2)
    if clouds != 3 * faults + 1 or zero or fields.take(65) != owner:
        raise ValueError("not a configuration of this owner")
    writers = [fields.take(65) for _ in range(fields.number(4))]
    for _ in range(fields.number(4)):
        fields.take(65)
    names = [(fields.part(64), fields.part(1024))[0].decode() for _ in range(clouds)]
    fields.end()
    return {"store": store, "number": number, "faults": faults, "names": names,
            "signers": {sha(key)[:16]: key for key in [owner, *writers]}}


def read_metadata(signed, configuration, unit, is_named=False):
    """A record; one that is_named, by its descriptor's digest in a signed one, may be by a signer who has been taken out."""
    fields = Fields(signed[:-64])
    if fields.take(8) != b"CULVUNT1":
        raise ValueError("not metadata")
    kind, store = fields.number(4), fields.take(16)
    fields.take(8)
    counter, writer = fields.number(8), fields.number(8)
    signer = fields.take(16)
    fields.take(32 + 8 + 8 + 8)
    name = fields.part(200).decode()
    versions = []
    for _ in range(fields.number(4)):
        number, _, length, value, digest, holder, _ = struct.unpack("<QQQ16s32sQQ", fields.take(88))
        versions.append({"number": number, "bytes": length, "value": value, "digest": digest, "holder": holder})
    descriptor = fields.part(65536)
    fields.end()
    if store != configuration["store"] or name != unit or kind not in (1, 2):
        raise ValueError("metadata of something else")
    body = signed[:-64] if is_named else verify(configuration["signers"][signer], signed)
    return {"order": (counter, writer, sha(body)), "counter": counter, "versions": versions, "descriptor": descriptor}


def read_descriptor(data):
    fields = Fields(data)
    protocol, mode, clouds, needed = fields.take(4)
    result = {"protocol": protocol, "mode": mode, "clouds": clouds, "needed": needed, "value": fields.take(16),
              "bytes": fields.number(8), "chunk": fields.number(4), "chunks": fields.number(4)}
    inside = fields.number(4) == 0
    result["index"] = fields.take(result["chunks"] * clouds * 32) if inside else None
    result["index-digest"] = None if inside else fields.take(32)
    result["commitments"] = [fields.take(32) for _ in range(clouds)] if mode == 1 else []
    result["wraps"] = {fields.take(16): fields.take(113) for _ in range(fields.number(4))} if mode == 2 else {}
    fields.end()
    return result


def encode(unit):
    plain = b"abcdefghijklmnopqrstuvwxyz0123456789-"
    return "".join(chr(b) if b in plain else f"_{b:02x}" for b in unit.encode())


def get(cloud, name):
    try:
        return (cloud / name).read_bytes()
    except OSError:
        return None


def listed(cloud, folder):
    try:
        return sorted(path.name for path in (cloud / folder).iterdir())
    except OSError:
        return []


# GF(2^8): multiplication by shifting, modulo a polynomial.
def multiply(a, b, polynomial):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a = (a << 1) ^ (polynomial if a & 0x80 else 0)
        b >>= 1
    return product


def inverse(a, polynomial):
    return next(b for b in range(1, 256) if multiply(a, b, polynomial) == 1)


def combine(shares):
    """Shamir over the polynomial of AES: the secret from {number: share}."""
    secret = bytearray(32)
    for x, share in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = multiply(multiply(weight, other, 0x11B), inverse(x ^ other, 0x11B), 0x11B)
        for i in range(32):
            secret[i] ^= multiply(weight, share[i], 0x11B)
    return bytes(secret)


def decode(blocks, k, length):
    """The erasure code (docs/specs/erasure-code.md): the data from any k of {slot: block}."""
    def divide(a, b):
        return multiply(a, inverse(b, 0x11D), 0x11D)

    def row(i):
        if i < k:
            return [1 if i == j else 0 for j in range(k)]
        return [divide(multiply(i, k ^ j, 0x11D), multiply(k, i ^ j, 0x11D)) for j in range(k)]

    slots = sorted(blocks)[:k]
    matrix = [row(slot) + [1 if slot == other else 0 for other in slots] for slot in slots]
    for column in range(k):  # Gauss and Jordan
        pivot = next(r for r in range(column, k) if matrix[r][column])
        matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
        factor = inverse(matrix[column][column], 0x11D)
        matrix[column] = [multiply(value, factor, 0x11D) for value in matrix[column]]
        for r in range(k):
            if r != column and matrix[r][column]:
                factor = matrix[r][column]
                matrix[r] = [a ^ multiply(factor, b, 0x11D) for a, b in zip(matrix[r], matrix[column])]
    data = bytearray()
    for j in range(k):
        part = bytes(len(blocks[slots[0]]))
        for factor, slot in zip(matrix[j][k:], slots):
            table = bytes(multiply(factor, value, 0x11D) for value in range(256))
            part = bytes(a ^ b for a, b in zip(part, blocks[slot].translate(table)))
        data += part
    return bytes(data[:length])


def expand(key, info, length):
    result, block, counter = b"", b"", 1
    while len(result) < length:
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        result, counter = result + block, counter + 1
    return result[:length]


def reading_key(secret):
    """The reader's HPKE key, from its owner secret (docs/keys.md)."""
    seed = expand(hmac.digest(bytes(32), secret, "sha256"), b"culvert v1 store reading\0", 32)
    suite = b"KEM\0\x10"
    extracted = hmac.digest(bytes(32), b"HPKE-v1" + suite + b"dkp_prk" + seed, "sha256")
    scalar = expand(extracted, b"\0\x20HPKE-v1" + suite + b"candidate\0", 32)
    return ec.derive_private_key(int.from_bytes(scalar, "big"), ec.SECP256R1())


def point(key):
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def unwrap(private, message, info, associated):
    """HPKE, base mode (RFC 9180), one message."""
    encapsulated, public = message[:65], point(private.public_key())
    shared = private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encapsulated))

    def extract(suite, salt, label, data):
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + data, "sha256")

    def labeled(suite, key, label, data, length):
        return expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + data, length)

    kem, suite = b"KEM\0\x10", b"HPKE\0\x10\0\1\0\2"
    secret = labeled(kem, extract(kem, b"", b"eae_prk", shared), b"shared_secret", encapsulated + public, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, secret, b"secret", b"")
    key, nonce = labeled(suite, secret, b"key", context, 32), labeled(suite, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, message[65:], associated)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--owner", required=True, help="the owner's signing key, 65 bytes in hexadecimal")
    arguments.add_argument("--version", type=int, help="which version; default: the newest")
    arguments.add_argument("--secret", help="the reader's owner secret, 32 bytes in hexadecimal, for mode sealed")
    arguments.add_argument("unit")
    arguments.add_argument("folders", nargs="+", type=pathlib.Path)
    options = arguments.parse_args()
    owner, clouds, unit = bytes.fromhex(options.owner), options.folders, options.unit
    faults = (len(clouds) - 1) // 3

    def first(candidates, read):
        for candidate in candidates:
            try:
                if candidate is not None:
                    return read(candidate)
            except (ValueError, KeyError, InvalidSignature, struct.error):
                continue
        return None

    configurations = [c for c in (first((get(cloud, f"c/{name}") for name in listed(cloud, "c")),
                                        lambda data: read_configuration(data, owner)) for cloud in clouds) if c]
    confirmed = [c for c in configurations if configurations.count(c) > faults]
    if not confirmed:
        sys.exit("fewer than f + 1 clouds have the same configuration")
    configuration = max(confirmed, key=lambda c: c["number"])

    folder = f"u/{encode(unit)}"
    answers = [first((get(cloud, f"{folder}/m/{name}") for name in listed(cloud, f"{folder}/m")[:3]),
                     lambda data: read_metadata(data, configuration, unit)) for cloud in clouds]
    records = [answer for answer in answers if answer]
    if not records:
        sys.exit(f"there is no unit {unit}")
    newest = max(records, key=lambda record: (record["counter"], records.count(record) > faults, record["order"]))
    if not newest["versions"]:
        sys.exit(f"the unit {unit} was removed")
    wanted = next((v for v in newest["versions"] if v["number"] == (options.version or newest["versions"][-1]["number"])), None)
    if wanted is None:
        sys.exit(f"version {options.version} is not kept")

    value = f"{folder}/b/{wanted['value'].hex()}"

    def one_of(name, digest, inside=lambda data: data):
        for cloud in clouds:
            try:
                data = get(cloud, name)
                if data is not None and sha(inside(data)) == digest:
                    return inside(data)
            except (ValueError, KeyError, InvalidSignature):
                continue
        sys.exit(f"no cloud has {name} as it was written")

    if wanted is newest["versions"][-1]:
        descriptor = newest["descriptor"]
    elif wanted["holder"] == 0:
        descriptor = one_of(f"{value}/descriptor", wanted["digest"])
    else:
        descriptor = one_of(f"{folder}/m/{LARGEST - wanted['holder']:016x}", wanted["digest"],
                            lambda data: read_metadata(data, configuration, unit, is_named=True)["descriptor"])
    d = read_descriptor(descriptor)
    index = d["index"] if d["index"] is not None else one_of(f"{value}/index", d["index-digest"])
    key = None
    if d["mode"] == 2:
        private = reading_key(bytes.fromhex(options.secret or ""))
        wrap = d["wraps"].get(sha(point(private.public_key()))[:16]) or sys.exit("the key was not wrapped for this reader")
        key = unwrap(private, wrap, b"culvert v1 unit key\0" + configuration["store"], d["value"])

    for chunk in range(d["chunks"]):
        blocks, shares = {}, {}
        for slot, cloud in enumerate(clouds):
            data = get(cloud, f"{value}/{chunk:08x}")
            at = (chunk * d["clouds"] + slot) * 32
            if data is None or sha(data) != index[at:at + 32] or len(blocks) == d["needed"]:
                continue
            if chunk == 0 and d["mode"] == 1:
                if sha(b"CULVSHR1", d["value"], bytes([slot]), data[:32]) != d["commitments"][slot]:
                    continue
                shares[slot + 1], data = data[:32], data[32:]
            blocks[slot] = data
        if len(blocks) < d["needed"]:
            sys.exit(f"of chunk {chunk} only {len(blocks)} blocks are right, and {d['needed']} are needed")
        if shares:
            key = combine(shares)
        length = min(d["chunk"], d["bytes"] - chunk * d["chunk"])
        if d["protocol"] == 1:
            plain = next(iter(blocks.values()))
        else:
            try:
                plain = AESGCM(key).decrypt(chunk.to_bytes(8, "big") + bytes(4), decode(blocks, d["needed"], length + 16),
                                            b"CULVCHK1" + d["value"] + chunk.to_bytes(4, "little"))
            except InvalidTag:
                sys.exit(f"chunk {chunk} does not open")
        sys.stdout.buffer.write(plain)


if __name__ == "__main__":
    main()
