"""Steps of the tests of feeds."""

from __future__ import annotations

from typing import Any

from tests.social_api.conftest import Person


async def posted(person: Person, **post: Any) -> str:
    """The id of a new post of theirs."""
    return str((await person.post("/v1/posts", {"caption": "x"} | post))["id"])


async def shown(person: Person, path: str = "/v1/feed") -> list[str]:
    """The posts of their first page."""
    return [item["post"]["id"] for item in (await person.get(path))["items"]]


async def pages(person: Person, path: str, limit: int) -> list[list[str]]:
    """All pages, one after the other."""
    found, separator = [], "&" if "?" in path else "?"
    address = f"{path}{separator}limit={limit}"
    while True:
        page = await person.get(address)
        found.append([item["post"]["id"] for item in page["items"]])
        if page["next"] is None:
            return found
        address = f"{path}{separator}limit={limit}&cursor={page['next']}"
