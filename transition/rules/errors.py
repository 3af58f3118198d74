"""How a rule says no."""


class RuleBroken(Exception):
    """A refusal whose text is one sentence that can be shown to the person who asked."""
