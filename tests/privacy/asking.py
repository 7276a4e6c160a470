"""Asking the API everything, without a socket between: router, adapter, handlers and SQL are the real ones.

A comparison is one address asked as one person: the one answer, or the list walked through all its pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from social_api.app import PREFIX

MISSING = "not found"
PAGES_MAX = 60


@dataclass(frozen=True)
class Question:
    """One address, and the right answer: the name of a problem, else what `read` finds in the body.

    For a list, `read` is given one item, and `expected` is what all pages hold, in order.
    """

    route: str
    expected: Any
    read: Callable[[Any], Any]
    values: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    paged: bool = False
    any_order: bool = False

    @property
    def path(self) -> str:
        """The address, without the query."""
        return self.route.format_map({name: quote(value, safe="@") for name, value in self.values.items()})


@dataclass(frozen=True)
class Difference:
    """What was answered in place of what is right."""

    who: str
    question: Question
    answered: Any

    def __str__(self) -> str:
        return (
            f"{self.who} asked GET {self.question.path}?{self.question.query}\n"
            f"  right:    {self.question.expected!r}\n  answered: {self.answered!r}"
        )


class Asker:
    """One signed-in person at the API's application."""

    def __init__(self, app: web.Application, who: str, token: str) -> None:
        self.who = who
        self._app = app
        self._headers = {"Authorization": f"Bearer {token}"}
        self._blank = make_mocked_request("GET", "/")

    async def ask(self, question: Question, limit: int) -> Difference | None:
        """Ask, with pages of `limit`; the difference when there is one."""
        answered = await (self._walk(question, limit) if question.paged else self._once(question))
        if answered == question.expected:
            return None
        return Difference(self.who, question, answered)

    async def get(self, path: str, query: str = "") -> tuple[int, Any]:
        """The status and the body of one GET."""
        url = URL(f"{PREFIX}{path}?{query}" if query else PREFIX + path, encoded=True)
        request = self._blank.clone(rel_url=url, headers=self._headers, remote="127.0.0.1")
        # what aiohttp's server calls for each request
        response = await self._app._handle(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        return response.status, msgspec.json.decode(response.body)

    async def _once(self, question: Question) -> Any:
        status, body = await self.get(question.path, question.query)
        return question.read(body) if status == 200 else _problem(body)

    async def _walk(self, question: Question, limit: int) -> Any:
        items: list[Any] = []
        query = f"{question.query}&limit={limit}".lstrip("&")
        cursor = ""
        for _ in range(PAGES_MAX):
            status, page = await self.get(question.path, query + cursor)
            if status != 200:
                return _problem(page)
            if len(page["items"]) > limit:
                return f"{len(page['items'])} items on a page of {limit}"
            items += map(question.read, page["items"])
            if page["next"] is None:
                return sorted(items) if question.any_order else items
            cursor = f"&cursor={page['next']}"
        return f"no end after {PAGES_MAX} pages"


def _problem(body: Any) -> str:
    """The name of a problem; of `not-found` every word, since what one may not see looks like what is not there."""
    name = str(body["type"]).rpartition("/")[2]
    if name == "not-found":
        said = {key: value for key, value in body.items() if key != "instance"}
        return MISSING if said == _NOT_FOUND | {"type": said["type"]} else f"not found, in other words: {said}"
    return f"{name}: {body['connect_id']}" if "connect_id" in body else name


_NOT_FOUND = {
    "title": "Not found",
    "status": 404,
    "detail": "There is nothing here that you may see.",
}
