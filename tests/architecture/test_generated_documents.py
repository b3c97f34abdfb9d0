"""What is generated from the code is current in the repository."""

from django.core.management import call_command


def test_lifecycle_pages_are_current():
    call_command("lifecycles", "--check")


def test_the_openapi_document_is_current_whichever_database_answers():
    call_command("openapi", "--check")
