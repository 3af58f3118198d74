"""Proves a copy of the trail, called as: python3 verify_export.py FILE KEY.

It needs nothing but Python. KEY is given by whoever made the copy, apart from the file. Each line
is sealed with it together with the line before, and the first says how many follow: a line that was
changed, taken out, put in or moved is found by its number. Of one case, each entry also follows the
one before it in that case. Exit: 0 good, 2 cannot be read, 3 cut off at the end, 4 broken.
"""

import hmac
import json
import sys
from pathlib import Path
from typing import Any

GOOD, UNREADABLE, CUT_OFF, BROKEN = 0, 2, 3, 4
NO_ENTRY = "0" * 64


def seal_of(key: bytes, before: str, said: "dict[str, Any]") -> str:
    """Return the seal of what a line says, which follows the line that is sealed with *before*."""
    words = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, (before + words).encode(), "sha256").hexdigest()


def verify(lines: "list[str]", key: bytes) -> "tuple[int, int]":
    """Return what the lines come to, and the number of the first bad one or of the last."""
    before, number, follow, of_case, last = "", 0, 0, "", (0, NO_ENTRY)
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            seal = said.pop("seal")
            if not hmac.compare_digest(seal, seal_of(key, before, said)):
                return BROKEN, number
            if number == 1:
                follow, of_case = said["entries"], said["case"]
            elif number > follow + 1 or (of_case and not _follows(said, of_case, last)):
                return BROKEN, number
            else:
                last = (said["case_seq"], said["mac"])
        except (ValueError, TypeError, KeyError, AttributeError):
            return BROKEN, number
        before = seal
    return (GOOD if 0 < number == follow + 1 else CUT_OFF), number


def _follows(said: "dict[str, Any]", of_case: str, last: "tuple[int, str]") -> bool:
    after = (said["case_ref"], said["case_seq"], said["case_prev"])
    return after == (of_case, last[0] + 1, last[1])


def main(argv: "list[str]") -> int:
    """Verify the file that *argv* names and say what came of it; return the exit code."""
    try:
        path, words = argv
        key = bytes.fromhex(words)
        code, number = verify(Path(path).read_text("utf-8").splitlines(), key)
    except (ValueError, OSError) as trouble:
        sys.stderr.write(f"Usage: python3 verify_export.py FILE KEY. {trouble}\n")
        return UNREADABLE
    told = {
        GOOD: f"good: {number} lines",
        CUT_OFF: f"cut off after line {number}",
        BROKEN: f"broken at line {number}",
    }
    sys.stdout.write(f"{told[code]}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
