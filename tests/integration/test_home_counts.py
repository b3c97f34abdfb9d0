"""The landing page counts what waits up to a thousand, and says so beyond."""

from accounts import home
from accounts.models import Person


def test_a_count_ends_where_nobody_needs_it(cast, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(home, "MOST_COUNTED", 3)
    with django_assert_num_queries(1) as sent:
        assert home.number_of(Person.objects.order_by("name")) == 4
    assert "LIMIT 4" in sent[0]["sql"]
    assert [home.in_count(number) for number in (0, 3, 4)] == ["0", "3", "3+"]
    assert home.HomeItem("Decide", "", "/", count=4).counted == "3+"
