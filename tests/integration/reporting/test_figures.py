"""A programme's figures: kept in the cache, and never older than the trail."""

from datetime import timedelta

from reporting import figures
from tests.stages import applications as applying


def test_figures_are_kept_until_anything_happens(cast, django_assert_num_queries):
    application = applying.ineligible(cast)
    programme, later = application.round.programme, application.submitted_at + timedelta(days=1)
    first = figures.for_programme(programme, at=application.submitted_at)
    assert first["applications_submitted"] == 1
    assert first["requested_pence"] == application.grant_requested_pence > 0

    with django_assert_num_queries(1):
        again = figures.for_programme(programme, at=later)
    assert (again.figures, again.as_at) == (first.figures, later)

    applying.ineligible(cast, round=application.round)
    assert figures.for_programme(programme, at=later)["applications_submitted"] == 2
