"""Every route, one prefix a part of the house."""

from django.urls import path  # noqa: F401

urlpatterns: list = []
