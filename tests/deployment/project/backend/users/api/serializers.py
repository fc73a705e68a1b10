"""The serializers: the plain one that a pasted `SERIALIZERS` names, and those that the profile asks for."""

from typing import Any

from django.contrib.auth import get_user_model
from djoser import serializers as djoser
from rest_framework import serializers

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


class UserSerializer(serializers.ModelSerializer):
    """What the printed settings of the profile hypersaas point at."""

    class Meta:
        model = User
        fields = _names("fields")


class ProfileUserSerializer(djoser.UserSerializer):
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
