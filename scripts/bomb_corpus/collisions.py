"""Strings that have the same hash, for who hashes them as libstdc++ does without a secret.

Its std::hash of a string is MurmurHash64A with a known seed: each block of eight bytes is mixed and joined to
the state, and both steps can be undone. So any first block has a second one that leads to a given state. Of
those pairs the ones are kept that can stand in an identifier, and a string is any two of them, one after the
other.
"""
import functools
import random
import string

MASK = (1 << 64) - 1
MULTIPLIER = 0xC6A4A7935BD1E995
INVERSE = pow(MULTIPLIER, -1, 1 << 64)
SEED = 0xC70F6907


CHARACTERS = frozenset((string.ascii_letters + string.digits + "!#$%&'*+-./:<=>?@^_`|~").encode())


def mixed(block):
    block = block * MULTIPLIER & MASK
    return (block ^ block >> 47) * MULTIPLIER & MASK


def unmixed(block):
    block = block * INVERSE & MASK
    return (block ^ block >> 47) * INVERSE & MASK


def pairs_of_blocks(state, target, count, source):
    """So many strings of 16 bytes that lead from one state to the other."""
    found = []
    while len(found) < count:
        first = source.getrandbits(64) & 0x0F0F0F0F0F0F0F0F | 0x6060606060606060  # ` to o
        middle = (state ^ mixed(first)) * MULTIPLIER & MASK
        second = unmixed(target * INVERSE & MASK ^ middle)
        if second & 0x8080808080808080 == 0:
            text = second.to_bytes(8, "little")
            if CHARACTERS.issuperset(text):
                found.append(first.to_bytes(8, "little") + text)
    return found


@functools.cache
def equal_hashes(count):
    """So many different strings of 32 bytes."""
    source = random.Random(1)
    begin = SEED ^ 32 * MULTIPLIER & MASK
    side = int(count ** 0.5) + 1
    starts = pairs_of_blocks(begin, 1, side, source)
    ends = pairs_of_blocks(1, 2, side, source)
    return [start + end for start in starts for end in ends][:count]
