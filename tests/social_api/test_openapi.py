"""The API document and its page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from social_api import openapi
from social_api.routes import ROUTES
from tests.social_api.conftest import House


@pytest.fixture
async def document(house: House) -> Any:
    answer = await house.nobody.call("GET", "/openapi.json")
    assert answer.status == 200
    return answer.body


async def test_it_is_valid_and_has_every_route(document: Any) -> None:
    validate(document)
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["summary"], route.path
        assert str(int(route.status)) in operation["responses"]
    assert sum(len(methods) for methods in document["paths"].values()) == len(ROUTES)


async def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(set(names)) == len(names)


async def test_every_problem_that_a_route_may_answer_is_shown(document: Any) -> None:
    for route in ROUTES:
        responses = document["paths"][route.path][route.method.lower()]["responses"]
        for problem in openapi.problems_of(route):
            examples = responses[str(int(problem.status))]["content"]["application/problem+json"]["examples"]
            assert examples[problem.name]["value"]["type"].endswith(f"/api/problems/{problem.name}")


async def test_examples_fit_their_schemas(document: Any) -> None:
    checked = 0
    for methods in document["paths"].values():
        for operation in methods.values():
            bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
            for body in bodies:
                for media in body.get("content", {}).values():
                    schema = {**media["schema"], "components": document["components"]}
                    examples = [e["value"] for e in media.get("examples", {}).values()] or [media["example"]]
                    for example in examples:
                        Draft202012Validator(schema).validate(example)
                        checked += 1
    assert checked > len(ROUTES)


async def test_the_page_and_all_it_loads_come_from_here(house: House) -> None:
    async with house.http.get(f"{house.url}/api/docs") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "<script>" not in page
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    for path in loaded:
        assert "://" not in path
        async with house.http.get(f"{house.url}/api/{path}") as asset:
            assert asset.status == 200, path


async def test_the_page_signs_people_in_without_any_inline_script(house: House) -> None:
    async with house.http.get(f"{house.url}/api/docs/signed-in") as answer:
        page = await answer.text()
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "<script>" not in page
    async with house.http.get(f"{house.url}/api/docs/signed-in.js") as answer:
        assert "swaggerUIRedirectOauth2" in await answer.text()


async def test_times_are_described_as_times(document: Any) -> None:
    me = document["components"]["schemas"]["Me"]["properties"]["created_at"]
    assert me == {"type": "string", "format": "date-time"}
