from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import signals, waiting  # noqa: F401  (write sign-ins into the trail, fill the landing page)
        from accounts.actions.system import seed_after_migrate

        post_migrate.connect(seed_after_migrate, sender=self, dispatch_uid="accounts.seed_system")
