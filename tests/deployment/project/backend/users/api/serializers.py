"""The serializers: the plain one that a pasted `SERIALIZERS` names, and those that the profile asks for."""

from typing import Any

from django.contrib.auth import get_user_model
from djoser import serializers as djoser
from rest_framework import serializers
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer

from backend.deployment import USER

User = get_user_model()


def _names(key: str) -> tuple[str, ...]:
    return tuple(field["name"] for field in USER[key])


def _read_only(key: str) -> tuple[str, ...]:
    return tuple(field["name"] for field in USER[key] if field["read_only"])


def _extra(key: str) -> dict[str, dict[str, Any]]:
    """What a ModelSerializer would not conclude by itself from the model field."""
    extra: dict[str, dict[str, Any]] = {}
    for field in USER[key]:
        if field["read_only"]:
            continue
        arguments: dict[str, Any] = {"required": field["required"]}
        if field["type"] in ("string", "email", "username", "choice"):
            arguments["allow_blank"] = field["allow_blank"]
        extra[field["name"]] = arguments
    return extra


class ClaimsSerializer(TokenObtainPairSerializer):
    """A login whose tokens say more of the account."""

    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        token["email"], token["staff"] = user.email, user.is_staff
        return token


class GreetingSerializer(TokenObtainPairSerializer):
    """A login that answers more than simplejwt does."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {**super().validate(attrs), "user": {"id": str(self.user.pk)}}


class UserSerializer(serializers.ModelSerializer):
    """What the printed settings of the profile hypersaas point at."""

    class Meta:
        model = User
        fields = _names("fields")


class _Computed(serializers.Serializer):
    """What is in no table."""

    def get_full_name(self, user: Any) -> str:
        return f"{user.first_name} {user.last_name}".strip()

    def get_permissions(self, user: Any) -> dict[str, Any]:
        return {"staff": user.is_staff, "groups": []}


def _computed() -> dict[str, serializers.Field]:
    names = {f["name"] for f in USER["fields"]} & {"full_name", "permissions"}
    return {name: serializers.SerializerMethodField() for name in names}


class ProfileUserSerializer(type("Computed", (_Computed,), _computed()), djoser.UserSerializer):
    """What `me` shows."""

    class Meta(djoser.UserSerializer.Meta):
        model = User
        fields = _names("fields")
        read_only_fields = _read_only("fields")
        extra_kwargs = _extra("fields")


class ProfileUserCreateSerializer(djoser.UserCreateSerializer):
    """What registration takes and answers."""

    class Meta(djoser.UserCreateSerializer.Meta):
        model = User
        fields = (*_names("create"), "password")
        read_only_fields = _read_only("create")
        extra_kwargs = _extra("create")


class ProfileUserCreatePasswordRetypeSerializer(djoser.UserCreatePasswordRetypeSerializer):
    """What registration with a repeated password takes and answers."""

    class Meta(djoser.UserCreatePasswordRetypeSerializer.Meta):
        model = User
        fields = (*_names("create"), "password")
        read_only_fields = _read_only("create")
        extra_kwargs = _extra("create")
