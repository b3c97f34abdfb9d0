"""The lock that an action takes when it changes something of a case without taking a step."""

from workflow.models import Case


def lock_case(case_id: int) -> Case:
    """Hold the case, as every step does (docs/adr/0003), so that what is read next stays true."""
    return Case.objects.select_for_update(no_key=True).get(pk=case_id)
