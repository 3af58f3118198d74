"""The forms with which a transfer is signed, and a confirmation from outside is recorded."""

from transition.web.forms import VersionedForm
from transition.web.told import ToldForm


class SignForm(VersionedForm):
    """A signature: there is nothing to write, only a page to agree with."""

    sent_to = "transfers.sign"


class ConfirmedForm(ToldForm):
    """That a provider outside confirms the transfer: it stands for their signature."""

    sent_to = "transfers.confirmed"
