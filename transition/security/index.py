"""The blind index: finding a number without storing it in the clear."""

import hmac

from transition.security.keyring import derive

_INDEX_BYTES = 16


class BlindIndex:
    """One index over one field; equal texts give equal entries, and nothing else shows.

    Only for values that are each somebody's own (an NHS number). Over a field with few or common
    values the frequency of the entries would give the values away.
    """

    __slots__ = ("_key",)

    def __init__(self, root: bytes, label: str) -> None:
        # A key for each label: entries of two indexes can then never be matched.
        self._key = derive(root, f"TF1/bidx/{label}")

    def of(self, text: str) -> bytes:
        """Return the 16 bytes under which a text, already in its one written form, is found."""
        return hmac.digest(self._key, text.encode(), "sha256")[:_INDEX_BYTES]
