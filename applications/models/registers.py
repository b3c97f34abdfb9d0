"""What the registers of the state say: the companies register, and the directory of postcodes."""

from django.db import models

from applications.models.companies import Company


class RegisterEntry(models.Model):
    """A company as Companies House has it, from its bulk file or its API, with the day it speaks for."""

    class Source(models.TextChoices):
        BULK = "bulk", "Companies House bulk file"
        API = "api", "Companies House, asked directly"

    company_number = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=250)
    legal_form = models.CharField(max_length=20, choices=Company.LegalForm)
    status = models.CharField(max_length=20, choices=Company.Status)
    status_in_register = models.CharField(max_length=120)
    incorporated_on = models.DateField(null=True, blank=True)
    address_line_1 = models.CharField(max_length=120, blank=True)
    address_line_2 = models.CharField(max_length=120, blank=True)
    address_town = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    sic_codes = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=4, choices=Source)
    as_of = models.DateField()

    class Meta:
        verbose_name_plural = "register entries"

    def __str__(self) -> str:
        return f"{self.company_number} {self.name}"


class PostcodePlace(models.Model):
    """Where one postcode lies, by the directory of the Office for National Statistics: GSS codes of district and region."""

    postcode = models.CharField(max_length=8, primary_key=True)
    district = models.CharField(max_length=9)
    region = models.CharField(max_length=9)
    as_of = models.DateField()

    def __str__(self) -> str:
        return self.postcode
