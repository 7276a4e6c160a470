"""The demo people, at the running stack: they use what there is, and making them again changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stack import demo
from stack.demo import story
from stack.demo.person import Person
from stack.installation import Installation
from tests.support.waiting import eventually


def _quietly(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def made(installation: Installation) -> Iterator[Installation]:
    demo.make(installation, _quietly)
    yield installation
    (installation.state / "demo-made").unlink()


@pytest.fixture(scope="module")
def cast(made: Installation) -> dict[str, Person]:
    return {name: Person(made, name) for name in demo.PEOPLE}


def _page(person: Person) -> Any:
    """What there is of somebody, without what only time changes."""
    posts = [person.call("GET", f"/v1/posts/{post}") for post in person.written().values()]
    return {
        "profile": {**person.call("GET", f"/v1/profiles/{person.handle}"), "profile_pic_url": "", "cover_url": ""},
        "posts": {post["id"]: [post["caption"], post["counts"], post["viewer"], post["poll"]] for post in posts},
        "lists": list(person.listed("/v1/lists")),
        "followers": [each["person"]["id"] for each in person.listed(f"/v1/profiles/{person.handle}/followers")],
    }


def test_it_is_known_to_be_made(made: Installation) -> None:
    assert demo.is_made(made)


def test_making_it_again_changes_nothing(made: Installation) -> None:
    def pages() -> str:
        return json.dumps([_page(Person(made, name)) for name in demo.PEOPLE])

    before = pages()
    demo.make(made, _quietly)
    assert pages() == before


def test_there_is_a_post_of_each_type_and_kind(cast: dict[str, Person]) -> None:
    posts = [person.call("GET", f"/v1/posts/{post}") for person in cast.values() for post in person.written().values()]
    assert {post["type"] for post in posts} == {"post", "microblog", "photo", "video", "reel"}
    assert {post["visibility"] for post in posts} == {"public", "friends", "closefriends", "custom"}
    assert {"draft", "scheduled", "published"} <= {post["state"] for post in posts}
    assert any(post["poll"] for post in posts)
    assert any(post["repost"] and post["repost"]["original"] for post in posts)
    assert {language for post in posts if (language := post["language"])} >= {"hi", "en"}
    assert any(post["hashtags"] for post in posts)
    assert any(post["mentions"] for post in posts)


def test_people_know_each_other_in_each_way(cast: dict[str, Person]) -> None:
    seen = cast["alice"].call("GET", "/v1/profiles/charlie@meton")
    assert seen["is_private"]
    assert (seen["relation"]["following"], seen["relation"]["friend"]) == (True, False)
    assert cast["bob"].call("GET", "/v1/profiles/alice@meton")["relation"]["friend"]
    close = cast["alice"].call("GET", "/v1/close-friends")["items"]
    assert [each["connect_id"] for each in close] == ["bob@meton"]


def test_people_talk_in_threads(cast: dict[str, Person]) -> None:
    post = cast["alice"].written()[story.HELLO]
    (first, *_) = cast["bob"].call("GET", f"/v1/posts/{post}/comments")["items"]
    assert (first["pinned"], first["counts"]) == (True, {"likes": 2, "replies": 2})


async def test_pictures_and_clips_can_be_shown(cast: dict[str, Person]) -> None:
    async def published() -> bool:
        posts = [
            person.call("GET", f"/v1/posts/{post}") for person in cast.values() for post in person.written().values()
        ]
        return all(media["state"] == "done" for post in posts for media in post["media"])

    await eventually(published)
    for person in cast.values():
        assert person.call("GET", "/v1/me")["profile_pic_url"]
