"""What in a letter of feedback needs a reader's eye."""

from assessments import feedback

CONTENT = {
    "mean": "70.0",
    "criteria": [
        {"id": "need", "title": "Need", "mean": "7.0 of 10", "comments": [["Assessor A", "Ada and I agree."], ["Assessor B", "Sound."]]},
        {"id": "team", "title": "Team", "mean": "7.0 of 10", "comments": [["Assessor A", " "], ["Assessor B", ""]]},
    ],
    "overall": [["Assessor A", "Obviously a waste of  time."], ["Assessor B", "An adamant case, wasted."]],
}


def warned(content=CONTENT, names=("Ada Assessor", "Ada", "Assessor"), banned=("obviously", "waste")) -> list[tuple[str, str]]:
    return [(one.key, one.sentence) for one in feedback.warnings(content, names=names, banned=banned)]


def test_a_silent_criterion_a_name_and_a_banned_word_are_warned_of():
    assert warned() == [
        ("", "Nothing is said about “Team”."),
        ("need:Assessor A", "“Ada” is an assessor’s name."),
        ("overall:Assessor A", "“Obviously” is among the words that this programme does not send."),
        ("overall:Assessor A", "“waste” is among the words that this programme does not send."),
    ]


def test_without_names_or_words_only_silence_is_warned_of():
    assert warned(names=(), banned=(" ",)) == [("", "Nothing is said about “Team”.")]


def test_what_is_left_out_is_gone_and_warns_no_more():
    shorter = feedback.without(CONTENT, ["need:Assessor A", "overall:Assessor A"])
    assert [one[0] for one in shorter["criteria"][0]["comments"]] == ["Assessor B"]
    assert shorter["mean"] == CONTENT["mean"]
    assert [key for key, _ in warned(shorter)] == [""]
    assert feedback.digest(shorter) != feedback.digest(CONTENT)
    assert feedback.keys(CONTENT) - feedback.keys(shorter) == {"need:Assessor A", "overall:Assessor A"}
