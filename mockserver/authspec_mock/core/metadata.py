"""What OPTIONS answers: DRF's SimpleMetadata (rest_framework/metadata.py 3.18)."""

from typing import Any

from authspec_mock.core.call import Call, Reply
from authspec_mock.core.fields import Field
from authspec_mock.core.forms import Form
from authspec_mock.core.part import Part
from authspec_mock.core.rejections import Rejection

_RENDERS = {"json": "application/json", "browsable": "text/html"}
_PARSES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data",
}


class Metadata(Part):
    """Describes a view."""

    def options(self, call: Call) -> Reply:
        route = call.route
        assert route is not None
        profile = self.world.profile
        data: dict[str, Any] = {
            "name": route.name,
            "description": route.description,
            "renders": [_RENDERS[name] for name in profile.renderers],
            "parses": [_PARSES[name] for name in profile.parsers],
        }
        for method in ("POST", "PUT"):
            form = self._form(call, method)
            if form is not None:
                described = {field.name: describe(field) for field in form.fields}
                data.setdefault("actions", {})[method] = described
        return Reply(200, data)

    def _form(self, call: Call, method: str) -> Form | None:
        """The fields of a method, where the caller may use it."""
        route, forms = call.route, self.world.forms
        assert route is not None
        if method not in route.actions or not self._may(call, method):
            return None
        if route.kind == "viewset":
            # The action is `metadata` here: every action shows the fields of the user
            return forms.user
        return {
            "token/login": forms.token,
            "jwt/create": forms.pair,
            "jwt/refresh": forms.refresh,
            "jwt/verify": forms.verify,
        }.get(route.view)

    def _may(self, call: Call, method: str) -> bool:
        """Whether the caller may call that method, and on the user in the path.

        On `me` the real one fails with 500: it looks for an id in the path.
        """
        asked, call.method = call.method, method
        try:
            if call.route is not None and call.route.kind == "viewset":
                self.world.permissions.check(call, self.world.permissions.names(call))
            if method == "PUT" and "id" in call.arguments:
                self.world.user_actions.found(call)
        except Rejection:
            return False
        finally:
            call.method = asked
        return True


def describe(field: Field) -> dict[str, Any]:
    """One field, keys in DRF's order."""
    facts = dict(field.facts)
    choices = facts.pop("choices", None)
    info: dict[str, Any] = {
        "type": field.kind,
        "required": field.required,
        "read_only": field.read_only,
        "label": field.label,
    }
    info.update(facts)
    if choices is not None:
        info["choices"] = choices
    return info
