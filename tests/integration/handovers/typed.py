"""What is typed into the form with which a handover is proposed."""

from collections.abc import Mapping
from typing import Any, Final

PROPOSED: Final[Mapping[str, Any]] = {
    "receiver": "rowans",
    "functions": "advice_24_7",
    "target_transfer_on-day": "1",
    "target_transfer_on-month": "6",
    "target_transfer_on-year": "2027",
    "urgency": "routine",
    "sharing_basis": "agreed",
}
