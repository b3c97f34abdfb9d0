"""What a form is made from: what was posted, even when that is nothing, and nothing at all on a GET."""

from django.http import HttpRequest, QueryDict


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
