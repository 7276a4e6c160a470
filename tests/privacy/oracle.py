"""A world asked about from end to end: every GET route, every address, every person."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import count, cycle

from aiohttp import web

from db.engine import Database
from social_api import app as api_app
from social_api.route import Route
from social_api.routes import ROUTES
from stack.installation import Installation
from tests.conftest import VALKEY_DATABASE
from tests.privacy import content, feeds, oneself, people
from tests.privacy.asking import Asker, Difference, Question
from tests.privacy.entries import ENTRIES
from tests.privacy.model import Person, World
from tests.privacy.views import Views
from tests.privacy.writing import subject, write
from tests.support import realm as realms
from tests.support import told
from tests.support.clones import Clone

__all__ = ["content", "feeds", "oneself", "people"]  # their entries are made by importing them

AT_ONCE = 4
PAGES = (2, 1, 3, 100)
"""How many items to a page, in turn: few, so that there are pages, and once all."""

GETS: tuple[Route, ...] = tuple(route for route in ROUTES if route.method == "GET")
REFUSED = {"suspended": "account-suspended", "deactivated": "unauthorized", "erased": "unauthorized"}


@asynccontextmanager
async def opened(installation: Installation, database: Clone) -> AsyncIterator[Oracle]:
    """The API on `database`, and an oracle that asks it."""
    async with realms.realm() as realm:
        settings = told.settings(installation, database, realm, VALKEY_DATABASE)
        async with api_app.running(settings) as running:
            running.app.freeze()
            numbers = count()

            def token(person: Person) -> str:
                # each a new one: what was found about an earlier world's people is not remembered
                claims = {"sub": subject(person.id), "jti": str(next(numbers)), "sid": f"session-{person.id}"}
                roles = ["member", "moderator"] if person.is_moderator else ["member"]
                return realm.token(settings.issuer, person.name, roles=roles, **claims)

            yield Oracle(database, running.app, token)


class Oracle:
    """Asks, compares and counts. `token` signs someone in."""

    def __init__(self, database: Database, app: web.Application, token: Callable[[Person], str]) -> None:
        self.compared = 0
        self._database = database
        self._app = app
        self._token = token

    async def differences(self, world: World, most: int = 1) -> list[Difference]:
        """What of `world` is answered otherwise than the model says; asks no more once there are `most`."""
        await write(self._database, world)
        return await self.ask(world, most)

    async def ask(self, world: World, most: int = 1) -> list[Difference]:
        """The same of a world that is there already."""
        limits = cycle(PAGES)
        asking = self.questions(world)
        found: list[Difference] = []

        async def ask() -> None:
            for asker, question in asking:
                if len(found) >= most:
                    return
                self.compared += 1
                if difference := await asker.ask(question, next(limits)):
                    found.append(difference)

        await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
        return found

    def questions(self, world: World) -> Iterator[tuple[Asker, Question]]:
        """All that there is to ask about a world, and by whom."""
        views = Views(world)
        for person in world.people:
            asker = Asker(self._app, person.name, self._token(person))
            for question in _questions(views, person):
                yield asker, question


def _questions(views: Views, viewer: Person) -> Iterator[Question]:
    """Everything to ask as `viewer`; of somebody who may not sign in, one address a route."""
    for enter in ENTRIES.values():
        if viewer.status == "active":
            yield from enter(views, viewer.id)
        elif enter is not oneself.health:
            yield _refused(next(enter(views, views.world.people[0].id)), viewer)


def _refused(question: Question, viewer: Person) -> Question:
    return Question(question.route, REFUSED[viewer.status], question.read, question.values, question.query)
