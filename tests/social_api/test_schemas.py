"""The API does what its document says, whatever it is sent: schemathesis makes the requests, from the document.

Each operation is asked in a world full of things, as somebody signed in, who may also decide about verification.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from http import HTTPStatus
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import (
    CheckContext,
    CheckFunction,
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.checks import negative_data_rejection as rejects
from schemathesis.core.result import Ok

from social_api.routes import ROUTES
from tests.privacy.model import Rules, World
from tests.privacy.worlds import TAGS, explore, size
from tests.privacy.writing import session, subject, write
from tests.social_api.conftest import House
from tests.support.clones import Clone

EXAMPLES = {GenerationMode.POSITIVE: 30, GenerationMode.NEGATIVE: 12}
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
KNOWN, LEFT_OUT = 0.8, 0.7
"""How many of the names in requests are of what is there, and how many of the fields that need not be there are not."""
REQUIRED = {
    (route.method, route.path): {field.name for field in msgspec.structs.fields(route.body) if field.required}
    for route in ROUTES
    if route.body
}
OPERATIONS = [(route.method, route.path) for route in ROUTES]


@pytest.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """What the API runs in; schemathesis is not asynchronous."""
    return asyncio.get_running_loop()


@pytest.fixture(scope="module")
def world() -> World:
    """The one of some in which somebody can do most."""
    made: list[World] = []
    explore(0, 30, made.append)
    return max(made, key=lambda each: (_kinds(each, fittest(each)), size(each)))


def fittest(world: World) -> UUID:
    """Who may sign in and can do something with most kinds of things."""
    return max((each.id for each in world.people if each.status == "active"), key=lambda who: _kinds(world, who))


def _kinds(world: World, who: UUID) -> int:
    return sum(map(bool, _known(Rules(world), who).values()))


class Client:
    """Sends what schemathesis makes to the API, some of it with the names of things that are there."""

    def __init__(self, house: House, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self._house = house
        self._loop = loop
        self._numbers = count()
        self._chance = random.Random(0)
        self._me = fittest(world)
        self._known = _known(Rules(world), self._me)

    def make_sense(self, case: Case[Any], required: set[str]) -> None:
        """Put ids of what is there in place of most made-up ones, and say less at once: it stays what may be sent."""
        body = case.body if isinstance(case.body, dict) else {}
        for name in [each for each in body if each not in required]:
            if self._chance.random() < LEFT_OUT:
                del body[name]
        for values in (case.path_parameters or {}, body):
            for name in values:
                if self._known.get(name) and self._chance.random() < KNOWN:
                    values[name] = self._chance.choice(self._known[name])

    def send(self, case: Case[Any]) -> Response:
        """The answer, as the first person of the world in a session of its own."""
        roles = ["member", "moderator"]
        number = next(self._numbers)
        claims = {"sub": subject(self._me), "sid": f"session {number}", "jti": str(number)}
        token = self._house.realm.token(self._house.settings.issuer, "alice", roles=roles, **claims)
        call = asyncio.to_thread(
            case.call, base_url=f"{self._house.url}/api", headers={"Authorization": f"Bearer {token}"}
        )
        answer: Response = self._loop.run_until_complete(call)
        return answer


def _known(rules: Rules, me: UUID) -> dict[str, list[str]]:
    """By the name that a path or a body has for it: what `me` can do something with."""
    world = rules.world
    known = {
        "connect_id": [person.connect_id for person in world.people if rules.is_there(person.id, me)],
        "post_id": [str(post.id) for post in world.posts if rules.may_view(me, post)],
        "comment_id": [str(comment.id) for comment in world.comments if rules.may_view_comment(me, comment)],
        "list_id": [str(each.id) for each in world.lists if each.owner == me],
        "media_id": [str(media.id) for media in world.loose_media if media.owner == me],
        "user_id": [str(person.id) for person in world.people],
        "friend_request_id": [str(x.id) for x in world.friend_requests if x.status == "pending" and x.receiver == me],
        "follow_request_id": [str(link.id) for link in world.follow_requests if link.other == me],
        "conversation_id": [str(x.id) for x in world.conversations if (me, "join") in x.members],
        "session_id": [str(session(me))],
        "hashtag": list(TAGS),
    }
    same = {"repost_of": "post_id", "parent_comment_id": "comment_id", "audience_list_id": "list_id"}
    return known | {name: known[other] for name, other in same.items()}


def turn(method: str, path: str) -> tuple[bool, bool, int]:
    """What takes things away comes after what needs them, then what takes people away, and last who asks."""
    is_last, is_late = path == "/v1/me/deactivate", path.startswith("/v1/blocks/")
    return is_last, is_late, ("get", "post", "put", "patch", "delete").index(method)


def without_security(document: Any) -> Any:
    """The same for one who is signed in: schemathesis need not try what a wrong token does."""
    del document["components"]["securitySchemes"]
    for methods in document["paths"].values():
        for operation in methods.values():
            del operation["security"]
    return document


def refuses_what_is_wrong(context: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """What does not fit the document is refused; as too large too, which schemathesis does not know."""
    return None if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else rejects(context, response, case)


@pytest.fixture
def client(house: House, world: World, loop: asyncio.AbstractEventLoop) -> Client:
    return Client(house, world, loop)


@pytest.fixture
async def document(house: House) -> Any:
    return (await house.nobody.call("GET", "/openapi.json")).body


@pytest.mark.timeout(600)  # some thousands of requests
def test_every_operation_answers_as_documented(
    client: Client, document: Any, database: Clone, world: World, loop: asyncio.AbstractEventLoop
) -> None:
    loop.run_until_complete(write(database, world))
    found = schemathesis.openapi.from_dict(without_security(document)).get_all_operations()
    # what hangs on another thing comes before it, so that it is there when it is deleted
    results = [result.ok() for result in found if isinstance(result, Ok)][::-1]
    operations = sorted(results, key=lambda each: turn(each.method, each.path))
    assert sorted((each.method.upper(), each.path) for each in operations) == sorted(OPERATIONS)
    for operation in operations:
        for mode, examples in EXAMPLES.items():
            checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, refuses_what_is_wrong]
            _ask(operation.as_strategy(generation_mode=mode), examples, client, checks)


def _ask(cases: st.SearchStrategy[Case[Any]], examples: int, client: Client, checks: list[CheckFunction]) -> None:
    def ask(case: Case[Any]) -> None:
        if checks is CHECKS:
            client.make_sense(case, REQUIRED.get((case.method.upper(), case.operation.path), set()))
        case.validate_response(client.send(case), checks=checks)

    look = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with suppress(Unsatisfiable):  # nothing of such a request can be wrong
        look(given(case=cases)(ask))()
