"""A mypy plugin for one fact that the types of Django cannot know: login is required everywhere, so `request.user` is a Person.

The few views that anybody may open ask `request.user.is_authenticated`, which a Person has too.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type, UnionType, get_proper_type

USER = "django.http.request.HttpRequest.user"
ANONYMOUS = "django.contrib.auth.models.AnonymousUser"


class SignedIn(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return without_anonymous if fullname == USER else None


def without_anonymous(context: AttributeContext) -> Type:
    declared = get_proper_type(context.default_attr_type)
    if not isinstance(declared, UnionType):
        return context.default_attr_type
    people = [
        item for item in declared.items if not (isinstance(kind := get_proper_type(item), Instance) and kind.type.fullname == ANONYMOUS)
    ]
    return UnionType.make_union(people)


def plugin(version: str) -> type[Plugin]:
    return SignedIn
