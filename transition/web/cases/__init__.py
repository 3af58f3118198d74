"""Young people: the list, opening a case, and its overview."""
