"""Who is asking: access tokens of Keycloak, judged here, and ended here as soon as Keycloak ends them."""

from social_api.auth.actor import Actor

__all__ = ["Actor"]
