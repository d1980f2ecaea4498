"""The page "what Maru refuses": every rule once, as the registries have it, in both languages."""

import re
from collections import Counter

import pytest

from services.grants import refuses
from services.grants.guards import GUARDS
from services.grants.ready import READY
from services.grants.refusals import SENTENCES
from services.grants.rules import eligibility, expenses, findings
from services.grants.rules.definition import Definition
from services.grants.wording.expenses import FINDINGS as EXPENSE_WORDS
from services.grants.wording.refuses import KIND_WORDS, PLACE_WORDS, general
from tests.grants import funded_rows

PROGRAMMES: dict[str, Definition] = {key: make() for key, make in READY.items()}


@pytest.fixture
def page(database, house):
    funded_rows.call(database)  # installs the ready-made programmes
    return lambda language="ko": house.client().get("/grants/refuses", headers={"Accept-Language": language}).text


def test_every_rule_stands_on_the_page_exactly_once(page):
    shown = Counter(re.findall(r"<code>(\w+)</code>", page()))
    known = {
        *findings.BY_CODE,
        *(guard.code for guard in GUARDS.values()),
        *(kind.code for kind in eligibility.REQUIREMENTS.values()),
        *expenses.CODES,
    }
    assert set(shown) == known
    assert set(shown.values()) == {1}


def test_every_finding_is_a_refusal_or_a_flag_that_the_code_knows():
    """A finding that blocks outright is a refusal with a sentence; one of an expense is a line of its checklist."""
    for finding in findings.FINDINGS:
        said_as = refuses.SAID_AS.get(finding.code, (finding.code,))
        assert finding.code in expenses.AUDITED or set(said_as) <= set(SENTENCES), finding.code
        if finding.code in expenses.AUDITED:
            assert finding.code in EXPENSE_WORDS


def test_every_finding_says_where_it_is_checked():
    told = {rule.code: rule for rule in refuses.rules(PROGRAMMES)}
    for finding in findings.FINDINGS:
        assert told[finding.code].places, finding.code
        assert set(told[finding.code].effects) == set(PROGRAMMES)
    assert {place.kind for rule in told.values() for place in rule.places} - {"step"} <= set(PLACE_WORDS)
    assert set(KIND_WORDS) == set(refuses.KINDS) == {rule.kind for rule in told.values()}


def test_a_guard_tells_the_steps_and_payments_that_wait_for_it():
    told = {rule.code: rule for rule in refuses.rules(PROGRAMMES)}
    unsigned = told["agreement_unsigned"]
    assert {(place.kind, place.label.ko if place.label else "") for place in unsigned.places} == {
        ("step", "협약 체결"),
        ("payment", ""),
    }
    assert {place.kind for place in told["interim_missing"].places} == {"payment"}


def test_a_programme_that_chooses_otherwise_is_named(page, database):
    from services.grants import programmes
    from services.grants.models import Programme, ProgrammeVersion
    from services.grants.schemas import definition as documents

    page()
    with database.write() as session:
        newest = programmes.newest(session, "integrated_call")
        document = dict(newest.definition)
        chosen = {"photo_reused": "flag", "photo_alike": "block", "no_quorum": "off"}
        document["settlement"] = {**document["settlement"], "findings": chosen}
        document["transitions"] = [  # released before its selection had to ask for overdue returns
            {**row, "guards": [guard for guard in row.get("guards", ()) if guard != "no_overdue_return"]}
            for row in document["transitions"]
        ]
        document["label"] = {"ko": "느슨한 사업", "en": "Loose programme"}
        made = Programme(key="loose", created_by=503, created_at=newest.created_at)
        session.add(made)
        session.flush()
        session.add(
            ProgrammeVersion(
                programme_id=made.id,
                number=1,
                definition=document,
                definition_hash=documents.digest(document),
                created_by=503,
                created_at=newest.created_at,
                released_at=newest.created_at,
            )
        )
    html = page()

    def row(code):
        found = re.search(rf"<tr[^>]*>(?:(?!</tr>).)*<code>{code}</code>.*?</tr>", html, re.DOTALL)
        assert found
        return found[0]

    assert re.search(r"알려 줌.*느슨한 사업", row("photo_reused"), re.DOTALL)
    assert re.search(r">막음(?:(?!알려 줌).)*느슨한 사업", row("photo_alike"), re.DOTALL)
    assert re.search(r"일부 절차에서만 막음.*느슨한 사업", row("return_overdue"), re.DOTALL)
    assert "느슨한 사업" not in row("no_quorum")  # no programme may choose to decide without a quorum


def test_the_page_speaks_english_too(page):
    html = page("en")
    assert "What Maru refuses" in html
    main = re.search(r"<main.*</main>", html, re.DOTALL)
    assert main
    assert re.findall(r"[가-힣]+", re.sub(r"lang=\"ko\">[^<]*<", "", main[0])) == []


def test_a_sentence_is_told_without_the_figures_of_one_case():
    assert general("%(most_won)s까지, 보조금의 %(percent)s%%") == "○까지, 보조금의 ○%"
