"""PATCH /v1/posts/{post_id} and GET /v1/posts/{post_id}/revisions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.engine import Statement
from db.models import Post, PostHashtag, PostRevision
from tests.social_api.conftest import Person
from tests.support import graph
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import change_post, count, now, told, upload

NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def patch(person: Person, post: dict[str, Any], **change: Any) -> Answer:
    return await person.call("PATCH", f"/v1/posts/{post['id']}", change)


async def test_an_edit_is_seen_by_all_and_what_was_said_before_stays(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "first #one"})
    edited = (await patch(alice, post, caption="  second #two ")).body
    assert (edited["caption"], edited["hashtags"], edited["revision"]) == ("second #two", ["two"], 1)
    assert edited["edited_at"] is not None
    assert edited["published_at"] == post["published_at"]
    await patch(alice, post, caption="third")
    versions = (await bob.get(f"/v1/posts/{post['id']}/revisions"))["items"]
    assert [(version["revision"], version["caption"]) for version in versions] == [
        (2, "third"),
        (1, "second #two"),
        (0, "first #one"),
    ]
    assert [version["written_at"] for version in versions[1:]] == [edited["edited_at"], post["published_at"]]
    page = await bob.get(f"/v1/posts/{post['id']}/revisions?limit=2")
    rest = await bob.get(f"/v1/posts/{post['id']}/revisions?limit=2&cursor={page['next']}")
    assert page["items"] + rest["items"] == versions


async def test_what_was_said_to_some_is_not_for_those_it_is_opened_to(alice: Person, bob: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "between us", "visibility": "closefriends"})
    await patch(alice, post, caption="for all", visibility="public")
    await patch(alice, post, caption="for all of you")
    address = f"/v1/posts/{post['id']}/revisions"
    said = ["for all of you", "for all", "between us"]
    assert [each["caption"] for each in (await alice.get(address))["items"]] == said
    assert [each["caption"] for each in (await bob.get(address))["items"]] == said[:2]


async def test_what_is_not_the_words_leaves_no_revision(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    changed = (await patch(alice, post, visibility="friends", replies="nobody", caption="x")).body
    assert (changed["visibility"], changed["replies"]) == ("friends", "nobody")
    assert (changed["revision"], changed["edited_at"]) == (0, None)
    assert await count(database, PostRevision) == 0


async def test_place_and_language_are_words_too(alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    place = {"name": "Pune", "latitude": 18.5204, "longitude": 73.8567}
    edited = (await patch(alice, post, location=place, language="mr")).body
    assert edited["location"] == {"name": "Pune", "latitude": 18.52, "longitude": 73.86}
    assert (edited["language"], edited["revision"]) == ("mr", 1)
    bare = (await patch(alice, post, location=None, language=None)).body
    assert (bare["location"], bare["language"]) == (None, "en")


async def test_hashtags_follow_the_words(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "#one #two"})
    await patch(alice, post, caption="#two #three")
    async with database.reading() as tx:
        rows = await tx.rows(Statement(select(PostHashtag.hashtag).order_by(PostHashtag.hashtag)))
    assert [row["hashtag"] for row in rows] == ["three", "two"]
    assert (await alice.get("/v1/hashtags/one/posts"))["items"] == []


async def test_only_who_is_named_for_the_first_time_is_told(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await alice.post("/v1/posts", {"caption": "with @bob"})
    edited = (await patch(alice, post, caption="with @charlie and @bob")).body
    assert {named["connect_id"] for named in edited["mentions"]} == {"bob@meton", "charlie@meton"}
    assert [event["users"] for event in await told(database, "post.mentioned")] == [[str(charlie.id)]]
    await patch(alice, post, caption="alone")
    assert (await alice.get(f"/v1/posts/{post['id']}"))["mentions"] == []


async def test_who_may_not_see_the_post_is_not_told(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x", "visibility": "friends"})
    await patch(alice, post, caption="about @bob")
    await graph.mute(database, bob.id, alice.id)
    await patch(alice, post, visibility="public", caption="about @bob again")
    assert await told(database, "post.mentioned") == []


async def test_an_edit_of_what_was_edited_since_is_refused(alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await patch(alice, post, caption="y", revision=0)).status == 200
    answer = await patch(alice, post, caption="z", revision=0)
    assert (answer.status, answer.body["revision"]) == (409, 1)
    assert (await patch(alice, post, caption="z", revision=1)).status == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"caption": None}, "/caption"),
        ({"caption": " "}, "/caption"),
        ({"caption": "x" * 5001}, "/caption"),
        ({"type": "photo"}, "/type"),
        ({"media": []}, "/media"),
        ({"poll": None}, "/poll"),
        ({"publish_at": None}, "/publish_at"),
        ({"visibility": "custom"}, "/audience_list_id"),
        ({"visibility": "custom", "audience_list_id": NOT_THERE}, "/audience_list_id"),
        ({"audience_list_id": NOT_THERE}, "/audience_list_id"),
        ({"visibility": None}, "/visibility"),
        ({"draft": True}, "/draft"),
    ],
)
async def test_what_cannot_be_is_named_and_nothing_is_changed(
    alice: Person, change: dict[str, Any], pointer: str
) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    answer = await patch(alice, post, **change)
    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
    assert await alice.get(f"/v1/posts/{post['id']}") == post


async def test_a_list_goes_with_the_visibility(alice: Person) -> None:
    own = (await alice.post("/v1/lists", {"name": "Team"}))["id"]
    post = await alice.post("/v1/posts", {"caption": "x"})
    custom = (await patch(alice, post, visibility="custom", audience_list_id=own)).body
    assert custom["audience_list_id"] == own
    assert (await patch(alice, post, caption="y")).body["audience_list_id"] == own
    assert (await patch(alice, post, visibility="public")).body["audience_list_id"] is None


async def test_the_post_of_someone_else_stays(alice: Person, bob: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    hidden = await alice.post("/v1/posts", {"caption": "x", "visibility": "friends"})
    assert (await patch(bob, post, caption="y")).status == 403
    assert (await patch(bob, hidden, caption="y")).status == 404
    assert (await bob.call("GET", f"/v1/posts/{hidden['id']}/revisions")).status == 404
    await graph.block(database, alice.id, bob.id)
    assert (await patch(bob, post, caption="y")).status == 404
    assert (await bob.call("GET", f"/v1/posts/{post['id']}/revisions")).status == 404


async def test_what_moderation_removed_or_its_author_deleted_stays_so(alice: Person, database: Clone) -> None:
    removed, deleted = [await alice.post("/v1/posts", {"caption": "x"}) for _ in range(2)]
    await change_post(database, removed["id"], removed_at=datetime.now(UTC))
    await alice.delete(f"/v1/posts/{deleted['id']}")
    assert (await patch(alice, removed, caption="y")).status == 403
    assert (await alice.call("POST", f"/v1/posts/{removed['id']}/publish")).status == 403
    assert (await alice.get(f"/v1/posts/{removed['id']}"))["state"] == "removed"
    assert (await patch(alice, deleted, caption="y")).status == 404
    assert (await alice.call("GET", f"/v1/posts/{deleted['id']}/revisions")).status == 404


async def test_anything_of_a_draft_can_be_changed(alice: Person, database: Clone) -> None:
    first, second, third = [str(await upload(database, alice.id)) for _ in range(3)]
    draft = await alice.post("/v1/posts", {"draft": True, "type": "photo", "media": [first, second]})
    closes_at = (await now(database) + timedelta(days=1)).isoformat()
    changed = (await patch(alice, draft, media=[third, first])).body
    assert [item["id"] for item in changed["media"]] == [third, first]
    assert (await alice.post("/v1/posts", {"type": "photo", "media": [second]}))["state"] == "published"
    asked = (
        await patch(alice, draft, type="post", media=[], poll={"options": ["a", "b"], "closes_at": closes_at})
    ).body
    assert (asked["type"], asked["media"], len(asked["poll"]["options"])) == ("post", [], 2)
    assert (await patch(alice, draft, poll=None)).body["poll"] is None
    assert await count(database, PostRevision) == 0


async def test_edits_and_deletion_at_once_end_in_a_legal_state(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    edits, deletions = await race(
        lambda: patch(alice, post, caption="y"), lambda: alice.call("DELETE", f"/v1/posts/{post['id']}")
    )
    assert [answer.status for answer in deletions].count(204) == 1
    assert {answer.status for answer in edits} <= {200, 404}
    assert (await alice.call("GET", f"/v1/posts/{post['id']}")).status == 404


async def test_edits_at_once_each_leave_their_revision(alice: Person, database: Clone) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    captions = iter(range(50))
    [answers] = await race(lambda: patch(alice, post, caption=f"#tag{next(captions)}"))
    assert {answer.status for answer in answers} == {200}
    seen = await alice.get(f"/v1/posts/{post['id']}")
    assert seen["revision"] == await count(database, PostRevision) == 50
    assert [f"#{tag}" for tag in seen["hashtags"]] == [seen["caption"]]
    assert await count(database, PostHashtag) == await count(database, Post) == 1


async def test_of_edits_of_one_revision_at_once_one_counts(alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    [answers] = await race(lambda: patch(alice, post, caption="y", revision=0))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 49
