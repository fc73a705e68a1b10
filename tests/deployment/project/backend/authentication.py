"""DRF's token authentication under another word."""

from rest_framework.authentication import TokenAuthentication

from backend.deployment import PROFILE


class OtherTokenAuthentication(TokenAuthentication):
    keyword = PROFILE["token_keyword"]
