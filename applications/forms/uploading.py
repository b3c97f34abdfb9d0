"""Which file is coming in pieces."""

from django import forms


class BeginForm(forms.Form):
    """As the browser knows the file."""

    question = forms.CharField(max_length=60)
    name = forms.CharField(max_length=4000, strip=False)
    """However long: it is cut to what can be kept."""
    size = forms.IntegerField(min_value=0, max_value=2**53)
    token = forms.CharField(max_length=100)
