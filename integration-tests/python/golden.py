#!/usr/bin/env python3
"""The ledger's bytes, made a second time.

Everything in ledger/log/testdata is computed here from docs/format.md alone, with nothing but
Python's standard library, and compared with what is there. The Rust tests read the same files. So
the format is what the document says, and not what one program happens to do.

    python3 integration-tests/python/golden.py           compares; exit code 1 if anything differs
    python3 integration-tests/python/golden.py --write   writes the files, for a new version of the format
"""

import base64
import hashlib
import pathlib
import struct
import sys

TESTDATA = pathlib.Path(__file__).resolve().parents[2] / "ledger" / "log" / "testdata"


# --- Ed25519, RFC 8032 section 6: slow, and without any dependency ---------------------------------

P = 2**255 - 19
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
BASE_Y = 4 * pow(5, P - 2, P) % P


def recover_x(y, sign):
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return P - x if x & 1 != sign else x


def point(x, y):
    return (x, y, 1, x * y % P)


BASE = point(recover_x(BASE_Y, 0), BASE_Y)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, p):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, p)
        p, scalar = add(p, p), scalar >> 1
    return result


def compress(p):
    z = pow(p[2], P - 2, P)
    x, y = p[0] * z % P, p[1] * z % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def expand(seed):
    h = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, h[32:]


def public_key(seed):
    return compress(multiply(expand(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = expand(seed)
    public = compress(multiply(scalar, BASE))
    hash_to_int = lambda *parts: int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")
    r = hash_to_int(prefix, message) % GROUP_ORDER
    commitment = compress(multiply(r, BASE))
    s = (r + hash_to_int(commitment, public, message) * scalar) % GROUP_ORDER
    return commitment + s.to_bytes(32, "little")


# --- Section 1: statements and entries --------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u8(n):
    return struct.pack(">B", n)


def u16(n):
    return struct.pack(">H", n)


def u32(n):
    return struct.pack(">I", n)


def u64(n):
    return struct.pack(">Q", n)


def vec8(b):
    return u8(len(b)) + b


def vec16(b):
    return u16(len(b)) + b


class Statement:
    def __init__(self, origin, principal, command_id, signed_at, expires_at, type_name, body, seeds):
        self.head = b"".join(
            [
                b"GRNS\x01",
                vec8(origin.encode()),
                principal,
                command_id,
                u64(signed_at),
                u64(expires_at),
                vec8(type_name.encode()),
            ]
        )
        self.principal, self.command_id, self.body = principal, command_id, body
        self.signed_digest = sha256(self.head, sha256(body))
        message = b"granary/statement/v1\0" + self.signed_digest
        # A key of the principal first, the others by key id.
        seeds = seeds[:1] + sorted(seeds[1:], key=public_key)
        signatures = [u8(1) + public_key(s) + vec16(sign(s, message)) for s in seeds]
        self.tail = u8(len(signatures)) + b"".join(signatures)
        self.bytes = self.head + vec16(body) + self.tail
        assert len(self.bytes) <= 40_960
        self.over_quota = b"GRNQ" + self.head[4:] + sha256(body) + self.tail


def event(type_name, body):
    return vec8(type_name.encode()) + vec16(body)


def events(*list_of_events):
    return u16(len(list_of_events)) + b"".join(list_of_events)


def refusal(code, facts):
    return u16(code) + vec16(facts)


def item_events(*list_of_events):
    return u8(1) + events(*list_of_events)


def item_refused(code, facts):
    return u8(2) + refusal(code, facts)


def accepted(*items):
    return u16(len(items)) + b"".join(items)


def digest_of(record):
    return u32(len(record)) + sha256(record)


ACCEPTED, REFUSED, DUPLICATE, SKIPPED = 1, 2, 3, 4
UNREADABLE, QUOTA_EXCEEDED = 1, 2


class Chain:
    def __init__(self, origin):
        self.prev = sha256(b"granary/genesis/v1\0", origin.encode())
        self.entries = []

    def append(self, outcome, time_ms, epoch, offset, statement, clock_events, own_result, rules=1):
        result = clock_events + own_result
        entry = b"".join(
            [
                b"GRNE\x01",
                u8(outcome),
                u64(len(self.entries)),
                self.prev,
                u64(time_ms),
                u32(rules),
                u32(epoch),
                u64(offset),
                vec16(statement),
                vec16(result),
            ]
        )
        assert len(entry) == 74 + len(statement) + len(result)
        self.entries.append(entry)
        self.prev = leaf_hash(entry)
        return entry


def object_id(principal, command_id, item, n):
    hashed = sha256(b"granary/id/v1\0", principal, command_id, u16(item), u8(n))
    return command_id[:6] + hashed[:10]


def clock_id(time_ms, origin, index, n):
    hashed = sha256(b"granary/id/clock/v1\0", origin.encode(), u64(index), u16(n))
    return u64(time_ms)[2:] + hashed[:10]


# --- Section 2: the tree, notes, checkpoints, cosignatures, proof files -------------------------------


def leaf_hash(entry):
    return sha256(b"\x00", entry)


def split(leaves):
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return leaves[:k], leaves[k:]


def root(leaves):
    if not leaves:
        return sha256()
    if len(leaves) == 1:
        return leaves[0]
    left, right = split(leaves)
    return sha256(b"\x01", root(left), root(right))


def path(index, leaves):
    if len(leaves) == 1:
        return []
    left, right = split(leaves)
    if index < len(left):
        return path(index, left) + [root(right)]
    return path(index - len(left), right) + [root(left)]


def base64_text(b):
    return base64.b64encode(b).decode()


def key_id(name, kind, public):
    return sha256(name.encode(), b"\n", u8(kind), public)[:4]


def signature_line(name, kind, seed, signature):
    return f"\u2014 {name} {base64_text(key_id(name, kind, public_key(seed)) + signature)}\n"


def vkey(name, kind, seed):
    public = public_key(seed)
    return f"{name}+{key_id(name, kind, public).hex()}+{base64_text(u8(kind) + public)}"


def checkpoint(origin, leaves, log_seed, witness, witness_seed, witness_time):
    text = f"{origin}\n{len(leaves)}\n{base64_text(root(leaves))}\n"
    log_line = signature_line(origin, 1, log_seed, sign(log_seed, text.encode()))
    message = f"cosignature/v1\ntime {witness_time}\n{text}"
    cosignature = u64(witness_time) + sign(witness_seed, message.encode())
    return text + "\n" + log_line + signature_line(witness, 4, witness_seed, cosignature)


def proof_file(index, leaves, extra, note):
    hashes = "".join(base64_text(h) + "\n" for h in path(index, leaves))
    return (
        f"c2sp.org/tlog-proof@v1\nextra {base64_text(extra)}\nindex {index}\n{hashes}\n{note}"
    )


def bundle(entries):
    return b"".join(vec16(entry) for entry in entries)


# --- The chain of the test data ----------------------------------------------------------------------

ORIGIN = "grain.example.org/rice-0badcafe"
WITNESS = "witness.example.org/auditor"
T0 = 1_764_000_000_000

seed = lambda n: bytes([n]) * 32
OPERATORS, COOPERATIVE, BANK, LOG, WITNESS_KEY = [seed(1), seed(2)], seed(3), seed(4), seed(5), seed(6)
party = lambda n: bytes([n]) * 16


def uuid7(ms, n):
    return u64(ms)[2:] + bytes([0x70 | n >> 4, n, 0x80 | n]) + bytes([n]) * 7


def field(number, value):
    """A protobuf field: of a varint below 128, or of bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    length = len(value)
    prefix = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return bytes([number << 3 | 2]) + prefix + value


def statement(n, type_name, body, seeds, at=0):
    signed_at = T0 + at
    return Statement(
        ORIGIN, party(n), uuid7(signed_at, n), signed_at, signed_at + 600_000, type_name, body, seeds
    )


def test_data():
    """File name to contents: bytes are kept as hex, text as it is."""
    operators = sorted(OPERATORS, key=public_key)
    genesis = Statement(
        ORIGIN,
        bytes(16),
        uuid7(T0, 0),
        T0,
        T0 + 600_000,
        "granary.chain.v1.Genesis",
        field(1, ORIGIN.encode()) + field(6, 2),
        operators,
    )
    receipt = statement(
        0x31, "granary.receipts.v1.SignReceipt", field(1, b"\x07" * 16) + field(2, 40), [COOPERATIVE], 1000
    )
    item = lambda n, name, body: field(1, party(n)) + field(2, name) + field(3, body)
    batch = statement(
        0x31,
        "granary.statement.v1.Batch",
        field(1, 2)
        + field(2, item(0x31, b"granary.receipts.v1.TransferReceipt", field(1, b"\x07" * 16)))
        + field(2, item(0x42, b"granary.finance.v1.ConfirmPayment", field(1, b"\x08" * 16))),
        [COOPERATIVE, BANK],
        2000,
    )
    late = statement(0x42, "granary.pledges.v1.ProposePledge", field(1, b"\x07" * 16), [BANK], 3000)
    quota = statement(0x42, "granary.pledges.v1.ProposePledge", b"\x0a\x00" * 400, [BANK], 4000)

    chain = Chain(ORIGIN)
    due = event("granary.receipts.v1.ReceiptExpired", field(1, b"\x09" * 16))
    no_clock_events = events()
    chain.append(
        ACCEPTED, T0, 0, 0, genesis.bytes, no_clock_events,
        accepted(item_events(event("granary.chain.v1.ChainOpened", field(1, ORIGIN.encode())))),
    )
    transferred = event("granary.receipts.v1.ReceiptTransferred", field(1, b"\x07" * 16))
    paid = event("granary.receipts.v1.PriceRecorded", field(2, 99))
    chain.append(
        ACCEPTED, T0 + 2500, 0, 1, batch.bytes, events(due),
        accepted(item_events(transferred, paid), item_refused(0x0305, field(1, 12))),
    )
    chain.append(
        REFUSED, T0 + 3100, 0, 2, late.bytes, events(due, due),
        u16(0) + refusal(0x0401, field(1, b"\x07" * 16)),
    )
    chain.append(DUPLICATE, T0 + 3200, 0, 3, digest_of(batch.bytes), no_clock_events, u64(1))
    chain.append(
        SKIPPED, T0 + 3200, 1, 0, digest_of(b"not a statement"), events(due), u16(UNREADABLE)
    )
    chain.append(
        SKIPPED, T0 + 4200, 1, 9, quota.over_quota, no_clock_events, u16(QUOTA_EXCEEDED), rules=2
    )

    names = ["genesis", "accepted", "refused", "duplicate", "unreadable", "over_quota"]
    leaves = [leaf_hash(entry) for entry in chain.entries]
    note = checkpoint(ORIGIN, leaves, LOG, WITNESS, WITNESS_KEY, T0 // 1000 + 5)

    hashes = {
        "statement/received": sha256(receipt.bytes),
        "statement/signed": receipt.signed_digest,
        "statement_batch/received": sha256(batch.bytes),
        "statement_batch/signed": batch.signed_digest,
        "over_quota/signed": quota.signed_digest,
        "genesis_prev": sha256(b"granary/genesis/v1\0", ORIGIN.encode()),
        **{f"leaf/{name}": leaf for name, leaf in zip(names, leaves)},
        **{f"root/{n}": root(leaves[:n]) for n in range(7)},
        "bundle": sha256(bundle(chain.entries)),
        "id/batch/1/2": object_id(batch.principal, batch.command_id, 1, 2),
        "id/clock/2/1": clock_id(T0 + 3100, ORIGIN, 2, 1),
    }
    return {
        "statement.hex": receipt.bytes,
        "statement_batch.hex": batch.bytes,
        **{f"entry_{name}.hex": entry for name, entry in zip(names, chain.entries)},
        "hashes.txt": "".join(f"{name} {value.hex()}\n" for name, value in hashes.items()),
        "keys.txt": f"{vkey(ORIGIN, 1, LOG)}\n{vkey(WITNESS, 4, WITNESS_KEY)}\n",
        "checkpoint.txt": note,
        "entry_accepted.tlog-proof": proof_file(1, leaves, b"receipt 7", note),
    }


def as_file(contents):
    if isinstance(contents, str):
        return contents
    digits = contents.hex()
    return "".join(digits[i : i + 96] + "\n" for i in range(0, len(digits), 96))


def self_test():
    """RFC 8032 section 7.1, test 2: an error in the arithmetic above must not pass for one below."""
    secret = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert public_key(secret).hex() == public
    assert sign(secret, b"\x72").hex() == signature


def main():
    self_test()
    made = {name: as_file(contents) for name, contents in test_data().items()}
    if sys.argv[1:] == ["--write"]:
        TESTDATA.mkdir(exist_ok=True)
        for name, text in made.items():
            (TESTDATA / name).write_text(text, encoding="utf-8", newline="\n")
        return 0
    if sys.argv[1:]:
        print(__doc__)
        return 2
    found = {p.name: p.read_bytes().decode() for p in TESTDATA.iterdir()}
    wrong = [name for name in sorted(made.keys() | found.keys()) if made.get(name) != found.get(name)]
    for name in wrong:
        print(f"{name}: not what docs/format.md says")
    of = len(made.keys() | found.keys())
    print(f"golden: {of - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
