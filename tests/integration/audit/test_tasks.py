"""What beat has done: events are sealed, and a checkpoint is signed when there is something new to sign."""

import pytest

from audit import sealer, tasks, verify
from audit.models import Checkpoint
from tests.integration.audit.conftest import write

pytestmark = pytest.mark.django_db


def test_seal_seals_what_waits(small_trail):
    tasks.seal()
    assert sealer.size() == 11


def test_a_checkpoint_is_signed_only_when_the_trail_grew(small_trail):
    tasks.checkpoint()
    tasks.checkpoint()
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [11]
    write("system")
    tasks.checkpoint()
    assert list(Checkpoint.objects.order_by("pk").values_list("size", flat=True)) == [11, 12]
    assert verify.verify_all().problems == []


def test_nothing_is_signed_over_nothing(db):
    tasks.checkpoint()
    assert not Checkpoint.objects.exists()


def test_a_write_costs_few_queries(small_trail, django_assert_num_queries):
    with django_assert_num_queries(5):
        write("case:DIAGCOMM-7K2M", personal={"note": "x"})
