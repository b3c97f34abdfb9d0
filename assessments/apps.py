from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "assessments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from assessments import amounts, barring, home, jobs, notices, policies, reconsidering  # noqa: F401
        from assessments.actions import membership, reserves  # noqa: F401
