from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "applications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from applications import home, notices, policies, receipts, reminders, rounds_changed, rules_corrected, scans  # noqa: F401
