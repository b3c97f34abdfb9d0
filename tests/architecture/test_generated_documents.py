"""What is generated from the code is current in the repository."""

from django.conf import settings
from django.core.management import call_command


def test_lifecycle_pages_are_current():
    call_command("lifecycles", "--check")


def test_the_openapi_document_is_current(tmp_path):
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", "--file", str(fresh), "--validate", "--fail-on-warn")
    assert fresh.read_text() == (settings.BASE_DIR / "docs" / "openapi.yaml").read_text(), (
        "Run: manage.py spectacular --file docs/openapi.yaml"
    )
