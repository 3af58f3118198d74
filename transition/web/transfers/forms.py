"""The form with which a transfer is signed."""

from transition.web.forms import VersionedForm


class SignForm(VersionedForm):
    """A signature: there is nothing to write, only a page to agree with."""

    sent_to = "transfers.sign"
