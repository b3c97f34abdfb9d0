"""Questions that `manage.py doctor` asks of an installation: each answers with findings, and none of them changes anything that stays."""

from config.doctor.findings import Finding, Severity, examine

__all__ = ["Finding", "Severity", "examine"]
