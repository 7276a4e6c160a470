"""Every route of the API, in the order a person meets them. `Route` says what a line means; `adapter` does it."""

from __future__ import annotations

from social_api.route import Route

ROUTES: tuple[Route, ...] = ()
