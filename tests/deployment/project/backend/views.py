"""A login and a logout by session for a frontend that speaks JSON alone."""

from django.contrib.auth import authenticate, login, logout
from rest_framework.decorators import api_view, parser_classes, permission_classes
from rest_framework.parsers import FormParser, JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response


@api_view(["POST"])
@parser_classes([JSONParser])
@permission_classes([AllowAny])
def log_in(request: Request) -> Response:
    names = {name: request.data.get(name) for name in ("username", "password")}
    user = authenticate(request, **names)
    if user is None:
        return Response({"detail": "These credentials open nothing."}, status=400)
    login(request, user)
    return Response({"detail": "Welcome."})


@api_view(["POST"])
@parser_classes([JSONParser, FormParser])
@permission_classes([AllowAny])
def log_out(request: Request) -> Response:
    logout(request)
    return Response(status=204)
