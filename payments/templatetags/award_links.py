"""`{% award_link application %}`: from an application to the award that it became, on the company's page and on the staff's."""

from django import template
from django.utils.html import format_html

from applications.models import Application
from payments.models import Award

register = template.Library()


@register.simple_tag
def award_link(application: Application, *, of_company: bool = False) -> str:
    """A paragraph with the link; nothing before there is an award."""
    award = Award.objects.filter(application=application).first() if application.notified_at else None
    if award is None:
        return ""
    where, text = (award.company_url, "Go to your award") if of_company else (award.get_absolute_url(), "The award that it became")
    return format_html('<p class="govuk-body"><a class="govuk-link" href="{}">{}</a></p>', where, text)
