"""A programme's document is read with care: what is wrong is said with its line, what is hostile is not even begun."""

import pytest

from grants.definition import Definition, DocumentRefused, differences, loading, parse, yaml_text
from tests.stages.grants import document

DIAGCOMM = document()


def refused(text: str) -> list[str]:
    """The sentences with which a document is refused."""
    with pytest.raises(DocumentRefused) as caught:
        parse(text, source="diagcomm.yaml")
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str, *, times: int = 1) -> str:
    """DIAGCOMM with one place changed."""
    assert old in DIAGCOMM
    return DIAGCOMM.replace(old, new, times)


def line_of(text: str, piece: str) -> int:
    """The line on which a piece of text first stands."""
    return text[: text.index(piece)].count("\n") + 1


class TestShipped:
    @pytest.mark.parametrize("slug", ["diagcomm", "devicomm", "datacomm", "digicomm", "demo-open", "starter"])
    def test_shipped_programmes_are_valid(self, slug):
        assert parse(document(slug)).slug == slug

    def test_diagcomm_is_what_was_agreed(self):
        diagcomm = parse(DIAGCOMM)
        assert {criterion.id: criterion.weight for criterion in diagcomm.criteria} == {
            "need": 20,
            "innovation": 20,
            "delivery": 20,
            "adoption": 15,
            "value": 15,
            "net_zero": 10,
        }
        assert diagcomm.form.words_in_all == diagcomm.form.words_asked == 2000
        assert (diagcomm.funding.grant_min, diagcomm.funding.grant_max) == (1_000_000, 4_000_000)
        assert [diagcomm.rate_for(size) for size in ("micro", "small", "medium", "large")] == [70, 70, 50, None]
        assert [milestone.percent for milestone in diagcomm.form.question("milestones").expected] == [30, 40, 30]
        assert diagcomm.control == "small_team"

    def test_the_four_differ_in_everything_that_counts(self):
        four = [parse(document(slug)) for slug in ("diagcomm", "devicomm", "datacomm", "digicomm")]
        for what in (
            lambda one: one.stages,
            lambda one: {question.id for question in one.form.questions()},
            lambda one: {rule.id for rule in one.eligibility.rules},
            lambda one: {criterion.id: criterion.weight for criterion in one.criteria},
            lambda one: (one.funding.grant_min, one.funding.grant_max, one.funding.rates),
            lambda one: {indicator.id for indicator in one.indicators},
            lambda one: [milestone.percent for milestone in one.form.question(one.form.means.milestones).expected],
            lambda one: one.delivery,
        ):
            said = [what(one) for one in four]
            assert all(said[a] != said[b] for a in range(4) for b in range(a)), said

    def test_nothing_in_it_can_be_changed_after_reading(self):
        with pytest.raises(ValueError, match="frozen"):
            parse(DIAGCOMM).slug = "other"


class TestSentences:
    @pytest.mark.parametrize(
        ("old", "new", "path", "says"),
        [
            ("    weight: 20\n", "    weigth: 20\n", "criteria[1].weigth", "“weigth” is not a key here. Did you mean “weight”?"),
            ("control: small_team", "control: huge_team", "control", "“huge_team” is not one of small_team or standard."),
            ("grant_min: £10,000", "grant_min: 10000", "funding.grant_min", "Write money with its sign, such as £10,000."),
            ("grant_min: £10,000", "grant_min: 10_000.50", "funding.grant_min", "such as £10,000.50."),
            ("    weight: 20\n", "    weight: 25%\n", "criteria[1].weight", "Write 25 without the % sign."),
            ("percent: 70\n", "percent: 70%\n", "funding.rates[1].percent", "as a plain number: 70, without the sign."),
            ("control: small_team", "control:", "control", "Nothing stands after the colon."),
            ("control: small_team", "control: “small_team”", "control", "Leave out the curly quotation marks."),
            ("reads: [need]", "reads: need", "criteria[1].reads", "This must be a list: [need], or each item"),
            ("grant_min: £10,000", "grant_min: £10,00", "funding.grant_min", "Put commas only between thousands"),
            ("  tie_break: [", "  hidden: [project_title]\n  tie_break: [", "assessment.hidden[1]", "so it cannot be hidden"),
            ("grant_min: £10,000", "grant_min: £90,000", "funding.grant_min", "The smallest grant is larger than the largest."),
            ("percent: 70\n", "percent: 170\n", "funding.rates[1].percent", "A percentage lies between 0 and 100."),
            ("slug: diagcomm", "slug: rounds", "slug", "“rounds” is an address of ours."),
            ("name: DIAGCOMM diag", f"name: {'N' * 101} diag", "name", "There may be at most 100 here."),
            ("name: DIAGCOMM diag", 'name: "A\\nB"\n# diag', "name", "Write this on one line."),
            ("grants@example.org", "nobody", "parties.contact_email", "Write an email address"),
            ("    weight: 10\n", "    weight: 11\n", "criteria", "The weights of the criteria add up to 101, not 100."),
            ("\n  - id: innovation\n", "\n  - id: need\n", "criteria[2].id", "The id “need” is used by two criteria."),
            (
                "        - id: innovation\n",
                "        - id: need\n",
                "form.sections[3].questions[2].id",
                "The id “need” is used by two questions.",
            ),
            ("reads: [need]", "reads: [ned]", "criteria[1].reads", "“Need” reads “ned”, which is not a question of the form."),
            ("kind: long_text", "kind: longtext", "form.sections[1].questions[2]", "“longtext” is not one of text, long_text"),
            ("max_words: 100", "max_words: many", "form.sections[1].questions[2].max_words", "This must be a whole number."),
            ("words_in_all: 2000", "words_in_all: 1999", "form.words_in_all", "allow 2,000 words together, more than the 1,999 in all."),
            ("answers.diagnostic_use", "answers.diagnostic_uses", "eligibility.rules[6].must", "Did you mean “answers.diagnostic_use”?"),
            ("{company.postcode} is not", "{company.post} is not", "eligibility.rules[3].sentence", "Did you mean “company.postcode”?"),
            ('company.area != "out"', "company.area != 3", "eligibility.rules[3].must", "compared with a whole number"),
            ("title: project_title", "title: project_name", "form.means.title", "There is no question “project_name”."),
            ("title: project_title", "title: costs", "form.means.title", "title needs one of kind text."),
            ("{low: 3, high: 4,", "{low: 4, high: 4,", "criteria[1].bands", "leave a gap or overlap at 3 marks."),
            (
                "percent: 40, deliverable",
                "percent: 41, deliverable",
                "form.sections[5].questions[4].expected",
                "add up to 101 %, not 100 %.",
            ),
            ("assessment, moderation, panel", "moderation, assessment, panel", "stages", "“assessment” cannot come after “moderation”."),
            ("decision, award, delivery]", "award, delivery]", "stages", "The stage “decision” is missing"),
            ("SY1-SY13", "SY13-SY1", "area.includes[10]", "“SY13-SY1” does not name outcodes."),
            (
                "asks: [jobs_created, jobs_safeguarded, validation_sites]",
                "asks: [jobs_made]",
                "reports[1].asks",
                "“jobs_made” is not an indicator.",
            ),
            ("of: labour", "of: labor", "delivery.cost_categories[2].flat_rate.of", "“labor” is not another cost category."),
            ("kind: open_call", "kind: direct", "route", "needs its justification"),
            ("slug: diagcomm", "slug: Diag Comm", "slug", "small letters"),
            ("tie_break: [need", "tie_break: [nee", "assessment.tie_break[1]", "“nee” is not a criterion."),
        ],
    )
    def test_says_where_and_what(self, old, new, path, says):
        text = changed(old, new)
        (problem,) = [each for each in loading_problems(text) if each.path == path]
        assert says in problem.sentence
        assert problem.line is not None
        assert 1 <= problem.line <= text.count("\n") + 1

    def test_names_the_file_and_the_line(self):
        text = changed("    weight: 20\n", "    weigth: 20\n")
        assert f"line {line_of(text, 'weigth')}, criteria[1].weigth" in refused(text)[-1]
        with pytest.raises(DocumentRefused, match=r"^diagcomm\.yaml, line \d+"):
            parse(text, source="diagcomm.yaml")

    def test_says_everything_at_once(self):
        text = changed("control: small_team\n", "").replace("strand: diagnostics", "strand: plumbing")
        assert len(refused(text)) == 2

    def test_a_condition_reads_earlier_answers_only(self):
        text = changed(
            "    - id: need\n          kind: long_text\n",
            "    - id: need\n          kind: long_text\n          when: answers.jobs_created > 3.0\n",
        )
        assert "which is not asked before it" in refused(text)[0]

    def test_a_condition_on_an_earlier_answer_is_fine(self):
        text = changed(
            "    - id: need\n          kind: long_text\n",
            "    - id: need\n          kind: long_text\n          when: answers.assistance_received > 0\n",
        )
        assert parse(text).form.question("need").when

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "empty"),
            ("- a\n- b\n", "must begin with keys"),
            ("just words", "must begin with keys"),
            ("a: [1, 2", "line 1: The “[” on this line is not closed by “]”"),
            ("a: 1\na: 2\n", "line 2: The key “a” stands here twice."),
            ("a: !!python/object:os.system x\n", "line 1"),
            ("a: !thing x\n", "values are not read here"),
            ("? [a, b]\n: c\n", "A key must be a single word."),
            ("base: &b {x: 1}\na:\n  <<: *b\n", "Merging"),
            ("\tx: 1", "line 1: The line begins with a tab."),
            ("a:\n  b: 1\n   c: 2\n  d: 3\n", "line 3: This line does not begin in the same column"),
            ("a:\n  b: 1\n\u00a0\u00a0c: 2\n  d: 3\n", "line 3: The line begins with a blank that is not an ordinary one (U+00A0)"),
            ("a: 1\nb:2\nc: 3\n", "line 2: The colon after “b” needs a blank"),
            ("a: 1\nb\nc: 3\n", "line 2: “b” needs a colon"),
            ("a: Title: more\n", "line 1: There is a second colon in this value."),
            ("a: @us\n", "line 1: A value cannot begin with “@”."),
            ("a: 'It's ours'\n", "line 1: The value goes on after its closing quotation mark."),
            ('a: 1\nb: "open\nc: 2\nd: "3"\n', "line 2: The quotation mark that opens here is closed only on line 4."),
            ("a:\n- id: 1\n-id: 2\n- id: 3\n", "line 3: A dash needs a blank after it"),
            ("a: 1\n---\nb: 2\n", "A second document begins here"),
            ("a: \x00", "not YAML"),
            ('a: 1\nb: "x\\0"', "line 2: There is a character here that cannot be seen (U+0000)"),
            ('a: "x\\u202ey"', "(U+202E). Take it out."),
        ],
    )
    def test_what_is_no_document_is_said_so(self, text, says):
        assert says in refused(text)[0]


def loading_problems(text: str) -> list[loading.Problem]:
    with pytest.raises(DocumentRefused) as caught:
        parse(text)
    return caught.value.problems


class TestHostile:
    def test_a_bomb_is_refused_before_it_unfolds(self):
        levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 12))
        assert "aliases" in refused(f"l0: &l0 [lol]\n{levels}\n")[0]

    def test_a_small_bomb_is_refused_by_what_it_unfolds_to(self):
        levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 8)}]" for n in range(1, 7))
        assert "unfolds into too many values" in refused(f"l0: &l0 [lol]\n{levels}\n")[0]

    def test_a_document_that_holds_itself_is_refused(self):
        assert refused("a: &a [*a]\n")

    def test_five_megabytes_are_refused_unread(self):
        assert "5.0 MB long; the most is 1 MB" in refused("# " + "x" * 5_000_000)[0]

    def test_depth_is_refused(self):
        assert "nested more than" in refused("a: " + "[" * 5_000 + "]" * 5_000)[0]

    def test_many_values_are_refused(self):
        assert "too many values" in refused("a: [" + "1," * 100_000 + "1]")[0]


def test_three_hundred_questions_are_read():
    question = "        - {{id: extra_{n}, kind: yes_no, label: Question {n}, when: answers.has_started}}\n"
    sections = "".join(
        f"    - id: more_{part}\n      title: More {part}\n      questions:\n"
        + "".join(question.format(n=part * 50 + n) for n in range(50))
        for part in range(6)
    )
    text = changed("    - id: sign\n", sections + "    - id: sign\n")
    definition = parse(text)
    assert len(list(definition.form.questions())) > 300


class TestDifferences:
    def test_are_told_in_words(self):
        new = parse(
            changed("    weight: 20\n", "    weight: 25\n")
            .replace("    weight: 10\n", "    weight: 5\n")
            .replace("grant_max: £40,000", "grant_max: £45,000")
        )
        assert differences.between(parse(DIAGCOMM), new) == [
            "funding: grant max £40,000 → £45,000",
            "criterion Need: weight 20 → 25",
            "criterion Net Zero: weight 10 → 5",
        ]

    def test_what_comes_and_goes_is_named(self):
        text = changed("      text: Tell us before the company moves", "      text: Tell us as soon as the company moves")
        text = text.replace("{id: other, title: Other costs", "{id: sundry, title: Sundries")
        found = differences.between(parse(DIAGCOMM), parse(text))
        assert "cost category Other costs: removed" in found
        assert "cost category Sundries: added" in found
        assert any(line.startswith("condition stay_in_area: text") for line in found)

    def test_order_is_told(self):
        text = (
            changed("{id: sanctions, title: Sanctions and exclusion lists}", "{id: x, title: X}")
            .replace(
                "{id: duplicate_funding, title: No other public money for the same costs}",
                "{id: sanctions, title: Sanctions and exclusion lists}",
            )
            .replace("{id: x, title: X}", "{id: duplicate_funding, title: No other public money for the same costs}")
        )
        assert differences.between(parse(DIAGCOMM), parse(text)) == ["checks: order changed"]

    @pytest.mark.parametrize(
        ("old", "new", "says"),
        [
            ("application to DIAGCOMM.", "application to us.", "“…application to DIAGCOMM.” → “…application to us.”"),
            (
                "application.months <= 12",
                "application.months <= 9",
                "must “…application.months <= 12” → “…application.months <= 9”",
            ),
            (
                "Compare it with what is used today and what others are developing. Say who owns the rights in it.",
                "Compare it with what is used now and what others are developing. Say who owns the rights in it.",
                "“Compare it with what is used today and what others…” → “Compare it with what is used now and what others…”",
            ),
            ("percent: 70", "percent: 60", "rate 1: percent 70 → 60"),
            ("maximum: 200", "maximum: 300", "will it create?: maximum 200 → 300"),
            ("up_to: £10,000", "up_to: £11,000", "assurance band 1: up to £10,000 → £11,000"),
        ],
    )
    def test_parts_without_a_name_and_long_texts_are_told_apart_too(self, old, new, says):
        (line,) = differences.between(parse(DIAGCOMM), parse(changed(old, new)))
        assert line.endswith(says)

    def test_the_same_has_none(self):
        assert differences.between(parse(DIAGCOMM), parse(DIAGCOMM + "# more\n")) == []


class TestStored:
    def test_a_text_is_parsed_once(self):
        fetched = []
        text = DIAGCOMM + "# once\n"
        for _ in range(3):
            assert isinstance(loading.kept(loading.sha256(text), lambda: fetched.append(1) or text), Definition)
        assert len(fetched) == 1

    def test_another_text_under_its_hash_is_refused(self):
        with pytest.raises(DocumentRefused, match="no longer has the hash"):
            loading.parse_stored(DIAGCOMM + " ", loading.sha256(DIAGCOMM))


def test_plain_words_stay_words():
    """YAML's own guesses (no → false, 12:30 → 750, dates) are not taken."""
    read = yaml_text.read("a: no\nb: 12:30\nc: 2027-03-01\nd: 0o17\ne: 1_000\nf: true\ng: ~\nh: 12\ni: 1.5\n").values
    assert read == {"a": "no", "b": "12:30", "c": "2027-03-01", "d": "0o17", "e": "1_000", "f": True, "g": None, "h": 12, "i": 1.5}
