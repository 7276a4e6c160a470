"""Problem documents."""

from __future__ import annotations

import re

from multidict import CIMultiDict

from social_api.problems import catalogue
from social_api.validation import invalid
from tests.social_api.conftest import House, Person
from tests.support.api import Answer


def request_id(answer: Answer) -> str:
    """Header names have no case; the client writes some in its own."""
    return CIMultiDict(answer.headers)["X-Request-Id"]


async def test_an_address_that_is_none_is_a_problem_too(house: House) -> None:
    for path in ("/api/v1/nothing", "/api", "/", "/api/v1/me/", "/api/problems/nothing"):
        async with house.http.get(f"{house.url}{path}") as answer:
            assert (answer.status, answer.content_type) == (404, "application/problem+json"), path


async def test_a_wrong_method_says_which_are_right(house: House) -> None:
    answer = await house.nobody.call("DELETE", "/v1/me")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, PATCH")
    assert answer.body["type"].endswith("/api/problems/method-not-allowed")


async def test_it_speaks_the_language_that_is_asked_for(house: House) -> None:
    for accepted, language in {
        "hi": "hi",
        "hi-IN,hi;q=0.9,en;q=0.8": "hi",
        "en;q=0.4, hi;q=0.9": "hi",
        "en-GB": "en",
        "fr, de": "en",
        "": "en",
        "hi;q=0": "en",
        "hi;q=nonsense": "en",
    }.items():
        answer = await house.nobody.call("GET", "/v1/me", headers={"Accept-Language": accepted})
        assert answer.headers["Content-Language"] == language, accepted
        assert bool(re.search(r"[\u0900-\u097f]", answer.body["title"])) == (language == "hi")


async def test_the_request_id_of_the_gateway_is_in_the_answer(house: House, alice: Person) -> None:
    sent = {"X-Request-Id": "0123456789abcdef0123456789abcdef"}
    good = await alice.call("GET", "/v1/me", headers=sent)
    bad = await house.nobody.call("GET", "/v1/me", headers=sent)
    assert request_id(good) == request_id(bad) == sent["X-Request-Id"]
    assert bad.body["instance"] == f"urn:request:{sent['X-Request-Id']}"


async def test_a_request_id_that_is_none_is_replaced(alice: Person) -> None:
    answer = await alice.call("GET", "/v1/me", headers={"X-Request-Id": 'x" injected'})
    assert re.fullmatch(r"[0-9a-f-]{36}", request_id(answer))


async def test_each_type_leads_to_a_page_in_both_languages(house: House) -> None:
    for problem in catalogue():
        for language in ("en", "hi"):
            async with house.http.get(f"{house.url}/api/problems/{problem.name}?lang={language}") as answer:
                page = await answer.text()
                assert (answer.status, answer.content_type) == (200, "text/html")
                assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
                assert f'<html lang="{language}">' in page


def test_each_problem_has_its_own_name_and_both_languages() -> None:
    known = list(catalogue())
    assert len({problem.name for problem in known}) == len(known)
    for problem in known:
        assert re.fullmatch(r"[a-z-]+", problem.name)
        for text in (problem.title, problem.detail):
            assert re.search(r"[\u0900-\u097f]", text.hi), problem.name
            assert sorted(re.findall(r"\{\w+\}", text.en)) == sorted(re.findall(r"\{\w+\}", text.hi)), problem.name


def test_a_complaint_points_to_the_field() -> None:
    for message, pointer, english in (
        ("Object missing required field `code`", "/code", "This is required."),
        ("Object contains unknown field `x` - at `$.device`", "/device/x", "There is no such field."),
        ("Expected `str | null`, got `int` - at `$.media[2].id`", "/media/2/id", "This must be text or null."),
        ("Expected `array` of length <= 10 - at `$.media`", "/media", "At most 10 items."),
        ("Expected `str` of length >= 1 - at `$.name`", "/name", "At least 1 characters."),
        ("Expected `int` >= 1 - at `$.size`", "/size", "This must be >= 1."),
        ("Invalid UUID - at `$.media[0]`", "/media/0", "This must be a UUID."),
        ("Invalid enum value 'x' - at `$.type`", "/type", "This is none of the allowed values."),
        ("Something new", "", "This value is not valid."),
    ):
        ((found, text),) = invalid(message).errors
        assert (found, text.en) == (pointer, english)
