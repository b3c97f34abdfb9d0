from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from audit import triggers

        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="append_only_triggers")
