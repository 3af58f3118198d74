"""Whether somebody may be here already: similar names and the same birth date, twins apart."""

from dataclasses import dataclass
from datetime import date

from transition.rules.names import close_to, folded
from transition.rules.young_people import swapped


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is, as far as two records of them can be compared."""

    given_name: str
    family_name: str
    known_as: str | None
    date_of_birth: date
    nhs_number: str | None = None


def might_be_born(born: date, other: date) -> bool:
    """Return whether two birth dates may be one: the same, swapped, or one box typed wrong."""
    if other in {born, swapped(born)}:
        return True
    parts = zip(
        (born.day, born.month, born.year), (other.day, other.month, other.year), strict=True
    )
    return sum(one != two for one, two in parts) == 1


def might_be_same(new: Identity, known: Identity) -> bool:
    """Return whether two records may be about one person, so that somebody should look.

    Twins never are: another first name, or NHS numbers given one after the other. A birth date
    that is not quite the same counts only where the names are.

    Source: safety H4.
    """
    if follow_each_other(new.nhs_number, known.nhs_number):
        return False
    if not might_be_born(new.date_of_birth, known.date_of_birth):
        return False
    if new.date_of_birth in {known.date_of_birth, swapped(known.date_of_birth)}:
        given = _any_alike(_called(new), _called(known))
        return given and _alike(new.family_name, known.family_name)
    return _exactly(new) == _exactly(known)


def follow_each_other(one: str | None, other: str | None) -> bool:
    """Return whether two NHS numbers were given one after the other, as those of twins are.

    The last digit is reckoned from the first nine, which alone count on.
    """
    if not one or not other:
        return False
    return abs(int(one[:-1]) - int(other[:-1])) == 1


def _called(who: Identity) -> set[str]:
    return {folded(name) for name in (who.given_name, who.known_as) if name}


def _exactly(who: Identity) -> tuple[str, str]:
    return folded(who.given_name), folded(who.family_name)


def _any_alike(names: set[str], others: set[str]) -> bool:
    return any(_alike(name, other) for name in names for other in others)


def _alike(name: str, other: str) -> bool:
    """Return whether two names are the same but for accents, hyphens, or one slip of the hand."""
    one, two = (folded(each).replace("-", "").replace(" ", "") for each in (name, other))
    return one == two or two in close_to(one, set(two)) or one in close_to(two, set(one))
