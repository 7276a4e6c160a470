"""What holds for every route, whoever wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import pytest

from db.engine import Transaction
from social_api.examples import example
from social_api.route import ANYONE, READS, Route
from social_api.routes import ROUTES
from tests.social_api.conftest import House, Person

SIGNED_IN_ROUTES = [route for route in ROUTES if route.auth is not ANYONE]
WITH_BODY = [route for route in ROUTES if route.body is not None]
NOBODYS_ID = "01900000-0000-7000-8000-000000000000"


def path(route: Route, value: str = NOBODYS_ID) -> str:
    return re.sub(r"\{\w+\}", value, route.path)


def example_body(route: Route) -> Any:
    """What the route must have and nothing else, as the API document shows it; None for a route without a body."""
    if route.body is None:
        return None
    _, components = msgspec.json.schema_components([route.body])
    described = components[route.body.__name__]
    return {name: example(described["properties"][name], components, name) for name in described.get("required", ())}


def has_id(route: Route) -> bool:
    hints = get_type_hints(route.handler)
    return any(hints[name] is UUID for name in re.findall(r"\{(\w+)\}", route.path))


@pytest.fixture
async def alice(house: House) -> Person:
    """Somebody for whom every route is there."""
    person = await house.person("alice")
    roles = sorted(frozenset[str]().union(*(route.roles for route in ROUTES)))
    person.token = house.realm.token(house.settings.issuer, "alice", roles=roles)
    return person


async def test_without_a_token_a_route_answers_401(house: House) -> None:
    for route in SIGNED_IN_ROUTES:
        answer = await house.nobody.call(route.method, path(route), {} if route.body else None)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (401, "unauthorized"), route.path


async def test_a_route_for_a_role_is_not_there_for_others(house: House, bob: Person) -> None:
    never = await bob.call("GET", "/v1/never")
    for route in (route for route in ROUTES if route.roles):
        for body in (example_body(route), {"surprise": 1}):
            answer = await bob.call(route.method, f"{path(route)}?surprise=1", body)
            assert (answer.status, {**answer.body, "instance": ""}) == (404, {**never.body, "instance": ""}), route.path


async def test_an_id_that_is_none_and_one_that_nothing_has_are_not_found(house: House, alice: Person) -> None:
    for route in filter(has_id, ROUTES):
        for value in ("1", "not-an-id", NOBODYS_ID.replace("-", ""), "%7B" + NOBODYS_ID + "%7D", NOBODYS_ID):
            answer = await alice.call(route.method, path(route, value), example_body(route))
            assert (answer.status, answer.body["type"].rpartition("/")[2]) == (404, "not-found"), (route.path, value)


async def test_an_unknown_field_is_named(house: House, alice: Person) -> None:
    for route in WITH_BODY:
        answer = await alice.call(route.method, path(route), {"surprise": 1})
        assert answer.status == 422, route.path
        assert answer.body["errors"][0]["pointer"], route.path


async def test_a_body_of_the_wrong_shape_is_refused(house: House, alice: Person) -> None:
    for route in WITH_BODY:
        for body in ([], "text", 1, None):
            answer = await alice.call(route.method, path(route), body, {"Content-Type": "application/json"})
            assert answer.status in (400, 415, 422), (route.path, body)


async def send(house: House, route: Route, person: Person, body: bytes, content_type: str) -> int:
    headers = {"Authorization": f"Bearer {person.token}", "Content-Type": content_type}
    url = f"{house.url}/api{path(route)}"
    async with house.http.request(route.method, url, data=body, headers=headers) as answer:
        assert answer.content_type == "application/problem+json"
        return answer.status


async def test_what_is_no_json_is_refused(house: House, alice: Person) -> None:
    for route in WITH_BODY:
        assert await send(house, route, alice, b"{", "application/json") == 400, route.path
        assert await send(house, route, alice, b'"\xff"', "application/json") in (400, 422), route.path
        assert await send(house, route, alice, b"a=b", "application/x-www-form-urlencoded") == 415, route.path


async def test_a_body_that_is_too_large_is_refused(house: House, alice: Person) -> None:
    for route in WITH_BODY:
        body = b'{"caption":"' + b"x" * route.max_body + b'"}'
        assert await send(house, route, alice, body, "application/json") == 413, route.path


async def test_an_unknown_parameter_is_refused(house: House, alice: Person) -> None:
    for route in ROUTES:
        if route.method == "GET":
            answer = await alice.call("GET", f"{path(route)}?surprise=1")
            assert answer.status == 422, route.path


async def test_a_page_has_1_to_100_items_and_only_its_own_cursors(house: House, alice: Person) -> None:
    for route in ROUTES:
        if "page" in get_type_hints(route.handler):
            for limit in ("0", "101", "-1", "a", "1.5", "", "²"):
                assert (await alice.call("GET", f"{path(route)}?limit={limit}")).status == 422, (route.path, limit)
            for cursor in ("x", "", "AAAA", "../..", "A" * 500):
                assert (await alice.call("GET", f"{path(route)}?cursor={cursor}")).status == 400, (route.path, cursor)


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Transaction]]:
    """Every transaction begun, so that its statements can be counted."""
    begun: list[Transaction] = []
    begin = Transaction.__init__

    def record(self: Transaction, *arguments: Any) -> None:
        begin(self, *arguments)
        begun.append(self)

    monkeypatch.setattr(Transaction, "__init__", record)
    return begun


async def test_a_read_takes_at_most_three_statements(
    house: House, alice: Person, transactions: list[Transaction]
) -> None:
    for route in ROUTES:
        if route.method == "GET":
            transactions.clear()
            await alice.call("GET", path(route, "alice@meton" if "connect_id" in route.path else NOBODYS_ID))
            own = [tx for tx in transactions if tx.statements]
            assert sum(tx.statements for tx in own) <= 3, route.path


def test_a_write_never_counts_as_a_read() -> None:
    assert [route.path for route in ROUTES if route.method != "GET" and route.limit is READS] == []


def test_a_body_says_no_to_fields_it_does_not_know() -> None:
    for route in ROUTES:
        for type_ in (route.body, route.query):
            assert type_ is None or type_.__struct_config__.forbid_unknown_fields, route.path


def test_what_makes_something_can_be_repeated() -> None:
    """Signing in and refreshing are repeatable by other means; PUT and DELETE by their nature."""
    posts = [route for route in ROUTES if route.method in ("POST", "PATCH") and route.auth is not ANYONE]
    assert [route.path for route in posts if not route.idempotent] == []
