"""What is right: plain functions over plain values.

What may not come in: anything but the standard library. No table, no request, no key, no letter,
and no clock: the day, the holidays and whatever else a rule needs are handed to it.
A refusal is a `transition.rules.errors.RuleBroken`, whose text is a sentence for the screen.
"""
