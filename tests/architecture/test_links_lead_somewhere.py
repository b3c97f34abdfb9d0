"""A name that one block of a template sets is gone in the next: a link or a form that goes by it there leads nowhere, in silence."""

import re

from django.conf import settings

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
BLOCK = re.compile(r"{% block (\w+) %}")
SET = re.compile(r"\bas (\w+) %}|\bwith (\w+)=|{% for (\w+)(?:, (\w+))? in ")
TAG = re.compile(r"{[{%](.*?)[%}]}", re.DOTALL)
TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
NAME = re.compile(r"(?<![\w.:])([a-z_]\w*)(?!\w*[=:])")


def strays(text: str) -> set[str]:
    """Names that a block reads, does not set, and that `url … as` sets in another block of the same template."""
    parts = BLOCK.split(text)
    blocks = list(zip(parts[1::2], parts[2::2], strict=True))
    found = set()
    for place, (_, body) in enumerate(blocks):
        own = {name for match in SET.findall(body) for name in match if name}
        elsewhere = {
            name for other, (_, said) in enumerate(blocks) if other != place for name in re.findall(r"{% url [^%]* as (\w+) %}", said)
        }
        read = {name for tag in TAG.findall(body) for name in NAME.findall(TEXT.sub("", tag))}
        found |= elsewhere & read - own
    return found


def test_no_block_goes_by_an_address_that_another_set():
    assert {path.name: names for path in TEMPLATES if (names := strays(path.read_text()))} == {}


def test_such_a_name_is_found():
    text = "{% block before %}{% url 'x:list' as back %}{% back back %}{% endblock %}{% block content %}"
    assert strays(text + '<a href="{{ back }}">Back</a>{% endblock %}') == {"back"}
    assert strays(text + "{% url 'x:list' as back %}<a href=\"{{ back }}\">Back</a>{% endblock %}") == set()
