from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "grants"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from grants import home, notices, scopes  # noqa: F401
        from grants.actions import alerts, rounds  # noqa: F401
        from grants.rehearsals import jobs  # noqa: F401
