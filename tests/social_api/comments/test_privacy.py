"""Who sees which comment: blocked people vanish for each other, hidden ones for others; counts are the same for all."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import House, Person
from tests.support.clones import Clone
from tests.support.comments import are_exact, comment, texts, write
from tests.support.records import set_status


async def shown(person: Person, post: str) -> dict[str, list[str]]:
    """What each thread's head says, and its previewed replies."""
    page = await person.get(f"/v1/posts/{post}/comments?sort=oldest")
    return {each["text"]: [reply["text"] for reply in each["latest_replies"]] for each in page["items"]}


async def test_what_blocked_people_write_is_not_there_for_each_other(
    alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await write(alice)
    heads = {person.username: await comment(person, post, person.username) for person in (alice, bob, charlie)}
    answer = await comment(bob, post, "bob to alice", heads["alice"])
    await comment(charlie, post, "charlie to bob", answer)
    await comment(alice, post, "alice to bob", heads["bob"])
    await bob.put("/v1/blocks/charlie@meton")
    everything = {"alice": ["bob to alice", "charlie to bob"], "bob": ["alice to bob"], "charlie": []}
    assert await shown(alice, post) == everything
    assert await shown(bob, post) == {"alice": ["bob to alice"], "bob": ["alice to bob"]}
    assert await shown(charlie, post) == {"alice": ["charlie to bob"], "charlie": []}
    for person, others in ((bob, heads["charlie"]), (charlie, heads["bob"]), (charlie, answer)):
        assert (await person.call("GET", f"/v1/comments/{others}")).status == 404
    for person in (alice, bob, charlie):
        assert (await person.get(f"/v1/posts/{post}"))["counts"]["comments"] == 6
        assert (await person.get(f"/v1/comments/{heads['alice']}"))["counts"]["replies"] == 2
    assert await are_exact(database)


@pytest.mark.parametrize("blocker_is_author", [True, False])
async def test_below_ones_posts_nobody_sees_what_people_wrote_with_a_block_between(
    alice: Person, bob: Person, charlie: Person, database: Clone, *, blocker_is_author: bool
) -> None:
    """Else whoever blocks the author, or is blocked by them, would leave them with what they cannot take away."""
    post = await write(alice)
    head, kept = await comment(bob, post, "bob"), await comment(charlie, post, "charlie")
    answers = [await comment(charlie, post, "answer", head), await comment(bob, post, "bob to charlie", kept)]
    blocker, blocked = (alice, bob) if blocker_is_author else (bob, alice)
    await blocker.put(f"/v1/blocks/{blocked.connect_id}")
    assert await shown(alice, post) == await shown(charlie, post) == {"charlie": []}
    for each in (head, *answers):
        assert (await charlie.call("GET", f"/v1/comments/{each}")).status == 404
    assert (await charlie.get(f"/v1/posts/{post}"))["counts"]["comments"] == 4
    assert await are_exact(database)
    await blocker.delete(f"/v1/blocks/{blocked.connect_id}")
    assert await shown(charlie, post) == {"bob": ["answer"], "charlie": ["bob to charlie"]}


async def test_an_answer_to_someone_who_is_not_there_does_not_name_the_comment(
    alice: Person, bob: Person, charlie: Person
) -> None:
    post = await write(alice)
    head = await comment(alice, post)
    answered = await comment(bob, post, "x", head)
    answer = await comment(alice, post, "x", answered)
    await bob.put("/v1/blocks/charlie@meton")
    assert (await alice.get(f"/v1/comments/{answer}"))["parent_comment_id"] == answered
    seen = await charlie.get(f"/v1/comments/{answer}")
    assert (seen["parent_comment_id"], seen["thread_id"]) == (None, head)
    await bob.delete(f"/v1/comments/{answered}")
    assert (await alice.get(f"/v1/comments/{answer}"))["parent_comment_id"] is None


async def test_a_thread_goes_with_the_one_who_began_it(alice: Person, bob: Person, charlie: Person) -> None:
    post = await write(alice)
    head = await comment(bob, post, "head")
    answer = await comment(alice, post, "answer", head)
    await bob.put("/v1/blocks/charlie@meton")
    assert await shown(charlie, post) == {}
    for path in (f"/v1/comments/{answer}", f"/v1/comments/{answer}/replies", f"/v1/comments/{answer}/likes"):
        assert (await charlie.call("GET", path)).status == 404
    assert await texts(alice, f"/v1/comments/{head}/replies") == ["answer"]


async def test_the_comments_of_someone_suspended_are_not_there(alice: Person, bob: Person, database: Clone) -> None:
    post = await write(alice)
    await comment(bob, post, "bob")
    await set_status(database, bob.id, "suspended")
    assert await shown(alice, post) == {}
    assert (await alice.get(f"/v1/posts/{post}"))["counts"]["comments"] == 1


async def test_a_hidden_comment_is_for_its_writer_and_the_author_alone(
    house: House, alice: Person, bob: Person, charlie: Person, database: Clone
) -> None:
    post = await write(alice)
    kept, head = await comment(alice, post, "kept"), await comment(bob, post, "head")
    answer = await comment(charlie, post, "answer", head)
    reply = await comment(bob, post, "reply", kept)
    for each in (head, reply):
        assert (await alice.call("PUT", f"/v1/comments/{each}/hidden")).status == 204
    for person in (alice, bob):
        assert await shown(person, post) == {"kept": ["reply"], "head": ["answer"]}
        assert (await person.get(f"/v1/comments/{head}"))["hidden"] is True
        assert (await person.get(f"/v1/comments/{kept}"))["hidden"] is False
    for person in (charlie, await house.person("dora")):
        assert await shown(person, post) == {"kept": []}
        for each in (head, answer, reply):
            assert (await person.call("GET", f"/v1/comments/{each}")).status == 404
        assert (await person.get(f"/v1/posts/{post}"))["counts"]["comments"] == 4
    assert await are_exact(database)


async def test_hiding_on_one_post_says_nothing_about_authors_of_others(
    alice: Person, bob: Person, charlie: Person
) -> None:
    """Charlie writes posts as well, and is nevertheless not the author of this one."""
    await write(charlie)
    post = await write(alice)
    head = await comment(bob, post, "head")
    answer = await comment(alice, post, "answer", head)
    await alice.put(f"/v1/comments/{head}/hidden")
    assert (await charlie.call("GET", f"/v1/comments/{answer}")).status == 404
    assert await shown(charlie, post) == {}
