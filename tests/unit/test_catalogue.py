"""Reading pathways, collaboratives and bank holidays: a mistake names file, part and key."""

from datetime import date
from pathlib import Path

import pytest

from transition.catalogue import (
    CatalogueError,
    bank_holidays,
    read_catalogue,
    read_collaborative,
    read_guessable,
    read_pathway,
)
from transition.rules.organisations import OrganisationKind
from transition.rules.pathway import Gate

CONFIG = Path(__file__).parents[2] / "config"

PATHWAY = """
version = "9-9"

[[milestone]]
code = "ID-01"
stage = "identified"
title = "Case opened"
owner = "childrens"
due = "open(+20wd)"
source = "Local proposal"
letter_words = "a planning step"
"""

COLLABORATIVE = """
key = "somewhere"
name = "Somewhere"
reference_prefix = "SMW"

[[organisation]]
key = "harbour"
kind = "adult"

[[organisation.version]]
valid_from = 2020-01-01
name = "Harbour Hospice"
areas = "The coast"

[[organisation.version]]
valid_from = 2025-04-01
name = "Harbour & Hill Hospice"
areas = "The coast and the hills"
lowest_age = 18

[[organisation.version.service]]
code = "day_house"
name = "Day house"
"""


def pathway_file(folder: Path, text: str) -> Path:
    path = folder / "9-9.toml"
    path.write_text(text, encoding="utf-8")
    return path


def collaborative_file(folder: Path, text: str) -> Path:
    path = folder / "somewhere.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_needs_eight_lines_and_the_rest_has_defaults(tmp_path: Path) -> None:
    (rule,) = read_pathway(pathway_file(tmp_path, PATHWAY)).milestones
    assert (rule.code, rule.gate, rule.condition) == ("ID-01", Gate.NONE, None)
    assert [rule.confirmed, rule.quiet, rule.opened_before_18] == [False] * 3
    assert rule.max_age_months is None


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('title = "Case', 'titel = "Case', "milestone ID-01, key “titel”: is not known here."),
        ('title = "Case opened"\n', "", "milestone ID-01, key “title”: is missing."),
        ('"Case opened"', '" "', "milestone ID-01, key “title”: must be words in quotation"),
        ('"Case opened"', "7", "milestone ID-01, key “title”: must be words in quotation"),
        ('"identified"', '"identifed"', "milestone ID-01, key “stage”: “identifed” is none of"),
        ('"childrens"', '"nurse"', "milestone ID-01, key “owner”: “nurse” is none of childrens"),
        ("(+20wd)", "(+20hd)", "milestone ID-01, key “due”: “+20hd” is not a length of time"),
        ('"open(+20wd)"', "20", "milestone ID-01, key “due”: must be words in quotation marks."),
        ('"a planning step"', '"a death"', "milestone ID-01, key “letter_words”: “a death” is"),
        ('"ID-01"', '"id-1"', "milestone id-1, key “code”: “id-1” is not spelt like ID-01."),
        ('"ID-01"', "1", "milestone 1, key “code”: “1” is not spelt like ID-01."),
        ('code = "ID-01"\n', "", "milestone without a code, key “code”: is missing."),
        ("source", 'gate = "propos"\nsource', "ID-01, key “gate”: “propos” is none of none, "),
        ("source", 'condition = "rich"\nsource', "ID-01, key “condition”: “rich” is none of"),
        ("source", 'quiet = "yes"\nsource', "ID-01, key “quiet”: must be true or false."),
        ("source", "max_age_months = true\nsource", "“max_age_months”: must be a whole number"),
        ("source", 'max_age_months = "1"\nsource', "“max_age_months”: must be a whole number"),
        ("source", "max_age_months = -1\nsource", "“max_age_months”: must be a whole number"),
        ('"9-9"', '"9-8"', "9-9.toml, key “version”: must be the file's own name."),
        ('version = "9-9"', 'vershun = "9-9"', "9-9.toml, key “vershun”: is not known here."),
        ("[[milestone]]", "[milestone]", "key “milestone”: must be one or more tables"),
        ("[[milestone]]", "[[milestone", "9-9.toml: this is not TOML"),
    ],
)
def test_a_mistake_in_a_pathway_is_named(tmp_path: Path, was: str, now: str, sentence: str) -> None:
    assert was in PATHWAY
    path = pathway_file(tmp_path, PATHWAY.replace(was, now, 1))
    with pytest.raises(CatalogueError) as refusal:
        read_pathway(path)
    assert str(refusal.value).startswith("9-9.toml")
    assert sentence in str(refusal.value)


def test_a_code_stands_once(tmp_path: Path) -> None:
    again = PATHWAY + PATHWAY[PATHWAY.index("[[milestone]]") :]
    with pytest.raises(CatalogueError, match=r"^9-9.toml, key “milestone”: “ID-01” .* 2 times\.$"):
        read_pathway(pathway_file(tmp_path, again))


@pytest.mark.parametrize("milestones", ["[]", "[1]"])
def test_a_pathway_has_milestones(tmp_path: Path, milestones: str) -> None:
    text = f'version = "9-9"\nmilestone = {milestones}'
    with pytest.raises(CatalogueError, match="key “milestone”: must be one or more tables"):
        read_pathway(pathway_file(tmp_path, text))


def test_a_local_milestone_may_be_added(tmp_path: Path) -> None:
    local = PATHWAY.replace('"ID-01"', '"X-01"')
    assert read_pathway(pathway_file(tmp_path, local)).milestone("X-01").title == "Case opened"


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"^1999-1.toml: there is no such file in pathways\.$"):
        read_pathway(CONFIG / "pathways" / "1999-1.toml")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "9-9.toml"
    path.write_bytes(b'version = "\xff"')
    with pytest.raises(CatalogueError, match=r"^9-9.toml: this is not TOML"):
        read_pathway(path)


def test_facts_are_dated_and_the_newest_are_shown(tmp_path: Path) -> None:
    (harbour,) = read_collaborative(collaborative_file(tmp_path, COLLABORATIVE)).organisations
    assert (harbour.name, harbour.lowest_age) == ("Harbour & Hill Hospice", 18)
    assert harbour.on(date(2025, 4, 1)).name == "Harbour & Hill Hospice"
    assert harbour.on(date(2025, 3, 31)).name == "Harbour Hospice"
    assert harbour.on(date(2025, 3, 31)).services == ()
    assert harbour.on(date(2019, 12, 31)).name == "Harbour Hospice"


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ('key = "somewhere"', 'key = "elsewhere"', "key “key”: must be the file's own name."),
        ('"SMW"', '"SIW"', "key “reference_prefix”: “SIW” is not spelt like NHJ"),
        ('"SMW"', '"S"', "key “reference_prefix”: “S” is not spelt like NHJ"),
        ('name = "Somewhere"\n', "", "somewhere.toml, key “name”: is missing."),
        ('"adult"', '"adlut"', "organisation harbour, key “kind”: “adlut” is none of childrens"),
        ('"harbour"', '"Harbour"', "organisation Harbour, key “key”: “Harbour” is not spelt"),
        ("lowest_age", "lowset_age", "harbour, version 2025-04-01, key “lowset_age”: is not"),
        ("= 18", '= "18"', "version 2025-04-01, key “lowest_age”: must be a whole number"),
        ("2020-01-01", '"2020-01-01"', "key “valid_from”: must be a day like 2026-11-23"),
        ("2020-01-01", "2020-01-01T09:00:00", "key “valid_from”: must be a day like"),
        ("2020-01-01", "2025-04-01", "harbour, key “valid_from”: versions stand oldest first"),
        ("2020-01-01", "2026-04-01", "harbour, key “valid_from”: versions stand oldest first"),
        (
            '"adult"',
            '"adult"\nmail_domains = []',
            "key “mail_domains”: must be one or more in square",
        ),
        ('"adult"', '"adult"\nmail_domains = ["@b"]', "key “mail_domains”: “@b” is not spelt like"),
        ('"Day house"', "1", "version 2025-04-01, service day_house, key “name”: must be words"),
    ],
)
def test_a_mistake_in_a_collaborative_is_named(
    tmp_path: Path, was: str, now: str, sentence: str
) -> None:
    assert was in COLLABORATIVE
    path = collaborative_file(tmp_path, COLLABORATIVE.replace(was, now, 1))
    with pytest.raises(CatalogueError) as refusal:
        read_collaborative(path)
    assert str(refusal.value).startswith("somewhere.toml")
    assert sentence in str(refusal.value)


WORK_ACCOUNTS = """
[organisation.work_accounts]
issuer = "https://sign-in.harbour.example"
client_id = "tracker"

[[organisation.version]]
valid_from = 2020"""
OURS = """
[work_accounts]
issuer = "http://localhost:9000"
client_id = "tracker"
passwords = false
break_glass = "admin@somewhere.example"

[[organisation]]"""


def with_work_accounts(folder: Path, was: str = "", now: str = "") -> Path:
    text = COLLABORATIVE.replace("\n[[organisation]]", OURS, 1)
    text = text.replace("\n[[organisation.version]]\nvalid_from = 2020", WORK_ACCOUNTS, 1)
    assert was in text
    return collaborative_file(folder, text.replace(was, now, 1))


def test_work_accounts_belong_to_an_organisation_or_to_all_together(tmp_path: Path) -> None:
    place = read_collaborative(with_work_accounts(tmp_path))

    assert sorted(place.providers) == ["collaborative", "harbour"]
    assert place.providers["harbour"].passwords
    assert place.providers["harbour"].second_factor == ()
    assert place.providers["collaborative"].break_glass == "admin@somewhere.example"
    assert read_collaborative(CONFIG / "collaboratives" / "hampshire_iow.toml").providers == {}


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("https://sign", "http://sign", "key “issuer”: “http://sign-in.harbour.example” is not an"),
        ("https://sign-in", "https:///", "key “issuer”"),
        ("harbour.example", "harbour.example/?a=b", "key “issuer”"),
        (
            'client_id = "tracker"\n\n[[organisation.v',
            "\n[[organisation.v",
            "client_id”: is missing",
        ),
        ('break_glass = "admin@somewhere.example"\n', "", "key “break_glass”: is missing"),
        ('"admin@somewhere.example"', '"an admin"', "is not spelt like admin@hospice.example"),
        ("[organisation.work_accounts]", "[[organisation.work_accounts]]", "must be a table in"),
        (
            "[organisation.work_accounts]",
            '[organisation.work_accounts]\nbreak_glass = "a@b"',
            "known",
        ),
        ('kind = "adult"', 'kind = "external"', "nobody signs in from outside"),
    ],
)
def test_a_mistake_in_work_accounts_is_named(
    tmp_path: Path, was: str, now: str, sentence: str
) -> None:
    with pytest.raises(CatalogueError, match=sentence.replace("?", r"\?")):
        read_collaborative(with_work_accounts(tmp_path, was, now))


def test_an_organisation_and_a_service_stand_once(tmp_path: Path) -> None:
    again = COLLABORATIVE + COLLABORATIVE[COLLABORATIVE.index("[[organisation]]") :]
    with pytest.raises(CatalogueError, match="key “organisation”: “harbour” stands there 2 times"):
        read_collaborative(collaborative_file(tmp_path, again))
    other = again[::-1].replace('"harbour"'[::-1], '"hill"'[::-1], 1)[::-1]
    with pytest.raises(CatalogueError, match="key “service”: “day_house” stands there 2 times"):
        read_collaborative(collaborative_file(tmp_path, other))


def test_hampshire_and_the_isle_of_wight_have_seven_organisations() -> None:
    place = read_collaborative(CONFIG / "collaboratives" / "hampshire_iow.toml")
    assert place.reference_prefix == "NHJ"
    keys = ["naomi", "rowans", "oakhaven", "stmichaels", "mountbatten_h", "mountbatten_iow"]
    assert [each.key for each in place.organisations] == [*keys, "external"]
    assert [each.key for each in place.receivers] == [*keys[1:], "external"]
    assert place.areas["mountbatten_iow"] == "Isle of Wight"
    assert list(place.areas) == [each.key for each in place.receivers]
    assert [each.code for each in place.organisation("naomi").services] == [
        "naomi_house",
        "jacksplace",
    ]
    assert place.service("jacksplace").lowest_age == 16
    assert [each.key for each in place.organisations if not each.signs_in] == ["external"]
    assert place.mail_domains_of("rowans") == ("rowans.example",)
    assert place.mail_domains_of("external") == ()
    assert place.mail_domains_of("collaborative") == ("collaborative.example",)
    assert place.employers["collaborative"] == "Hampshire & Isle of Wight"
    assert "external" not in place.employers
    with pytest.raises(KeyError):
        place.organisation("nobody")
    with pytest.raises(KeyError):
        place.service("nothing")


def test_another_place_needs_no_other_program() -> None:
    place = read_collaborative(CONFIG / "collaboratives" / "north_east_essex.toml")
    assert place.organisation("st_helena").name == "St Helena Hospice"
    assert place.organisation("st_helena").kind is OrganisationKind.ADULT
    assert place.organisation("childrens").highest_age == 25
    assert [each.key for each in place.receivers] == ["st_helena", "external"]


def test_every_shipped_file_is_read() -> None:
    pathways = [read_pathway(path) for path in (CONFIG / "pathways").glob("*.toml")]
    places = [read_collaborative(path) for path in (CONFIG / "collaboratives").glob("*.toml")]
    assert len(pathways) >= 1
    assert len(places) >= 2


def test_bank_holidays_are_those_of_england_and_wales() -> None:
    holidays = bank_holidays()
    assert date(2026, 12, 25) in holidays
    assert date(2026, 12, 28) in holidays
    assert date(2026, 8, 31) in holidays
    assert date(2026, 11, 30) not in holidays
    assert bank_holidays() is holidays


def test_the_catalogue_holds_every_pathway_the_place_and_the_holidays() -> None:
    catalogue = read_catalogue(CONFIG, "north_east_essex")
    assert catalogue.pathway is catalogue.pathways["2026-1"]
    assert catalogue.collaborative.reference_prefix == "NEE"
    assert catalogue.holidays == bank_holidays()
    assert catalogue.codes_with_days == {"PR-02", "PR-05", "PR-08"}


def test_a_collaborative_without_a_file_is_named() -> None:
    with pytest.raises(CatalogueError, match=r"^nowhere.toml: there is no such file"):
        read_catalogue(CONFIG, "nowhere")


def test_a_mistake_in_the_words_of_passwords_names_its_key(tmp_path: Path) -> None:
    path, somewhere = tmp_path / "passwords.toml", read_catalogue(CONFIG, "hampshire_iow")
    for wrong in ('"secret"', "[]", '["secret", 1]'):
        path.write_text(f'common = {wrong}\nphrases = ["a b"]\ncontext = ["c"]\n', encoding="utf-8")
        with pytest.raises(CatalogueError, match=r"passwords\.toml, key “common”: must be"):
            read_guessable(path, somewhere.collaborative)
