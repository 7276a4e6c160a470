"""POST /v1/posts/{post_id}/poll/votes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, update

from db.engine import Statement
from db.models import Outbox, Poll, PollOption, PollVote
from social_api.polls import queries
from tests.social_api.conftest import House, Person
from tests.support.api import Answer
from tests.support.clones import Clone
from tests.support.racing import race
from tests.support.records import change_post, count, now
from tests.support.waiting import eventually

WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE datname = current_database() AND locktype = 'transactionid' AND NOT granted
"""
NOT_THERE = "0192d1f3-0000-7000-8000-000000000000"


async def ask(author: Person, database: Clone, *, multiple: bool = False, days: int = 1) -> str:
    """A post with a poll of three answers, which closes in so many days; its id."""
    post = await author.post("/v1/posts", {"caption": "चाय?"})
    poll = {"post_id": UUID(post["id"]), "multiple": multiple, "closes_at": await now(database) + timedelta(days=days)}
    async with database.transaction() as tx:
        await tx.execute(Statement(insert(Poll).values(poll)))
        for position, answer in enumerate(("हाँ", "नहीं", "शायद")):
            option = {"post_id": poll["post_id"], "position": position, "text": answer}
            await tx.execute(Statement(insert(PollOption).values(option)))
    return str(post["id"])


async def vote(person: Person, post: str, *options: int) -> Answer:
    return await person.call("POST", f"/v1/posts/{post}/poll/votes", {"options": list(options)})


def votes(poll: dict[str, Any]) -> list[int | None]:
    return [option["votes"] for option in poll["options"]]


async def is_exact(database: Clone) -> bool:
    """Whether every count is that of the rows."""
    of_option = (
        select(func.count())
        .where(PollVote.post_id == PollOption.post_id, PollVote.position == PollOption.position)
        .scalar_subquery()
    )
    voters = select(func.count(PollVote.user_id.distinct())).where(PollVote.post_id == Poll.post_id).scalar_subquery()
    async with database.reading() as tx:
        options = await tx.value(Statement(select(func.bool_and(PollOption.vote_count == of_option))))
        polls = await tx.value(Statement(select(func.bool_and(Poll.voter_count == voters))))
    return bool(options and polls)


async def test_the_answer_is_the_poll_with_its_votes(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    assert votes((await bob.get(f"/v1/posts/{post}"))["poll"]) == [None, None, None]
    answer = await vote(bob, post, 1)
    assert answer.status == 200
    poll = answer.body
    assert (votes(poll), poll["voters"], poll["voted"]) == ([0, 1, 0], 1, [1])
    assert (await bob.get(f"/v1/posts/{post}"))["poll"] == poll
    assert await is_exact(database)


async def test_nobody_learns_who_chose_what(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    before = await count(database, Outbox)
    await vote(bob, post, 1)
    assert await count(database, Outbox) == before
    poll = (await alice.get(f"/v1/posts/{post}"))["poll"]
    assert (votes(poll), poll["voted"]) == ([0, 1, 0], [])
    assert "bob" not in str(poll)


async def test_a_vote_is_for_good(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    await vote(bob, post, 1)
    for option in (1, 0):
        answer = await vote(bob, post, option)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "already-voted")
    assert votes((await bob.get(f"/v1/posts/{post}"))["poll"]) == [0, 1, 0]


async def test_with_multiple_answers_a_person_counts_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database, multiple=True)
    poll = (await vote(bob, post, 2, 0)).body
    assert (votes(poll), poll["voters"], poll["voted"]) == ([1, 0, 1], 1, [0, 2])
    assert (await vote(bob, post, 1)).status == 409
    assert await is_exact(database)


@pytest.mark.parametrize("options", [[], [0, 1], [3], [-1], [10], ["0"], [0, 0], [0] * 11, None, 0])
async def test_what_is_no_choice_is_refused_and_not_counted(
    alice: Person, bob: Person, database: Clone, options: Any
) -> None:
    post = await ask(alice, database)
    answer = await bob.call("POST", f"/v1/posts/{post}/poll/votes", {"options": options})
    assert answer.status == 422
    assert answer.body["errors"][0]["pointer"].startswith("/options")
    assert await count(database, PollVote) == 0
    assert await is_exact(database)


async def test_of_several_answers_one_that_is_none_spoils_all(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database, multiple=True)
    assert (await vote(bob, post, 0, 7)).status == 422
    assert await count(database, PollVote) == 0
    assert (await vote(bob, post, 0, 1)).status == 200


async def test_a_closed_poll_takes_no_votes(alice: Person, bob: Person, charlie: Person, database: Clone) -> None:
    post = await ask(alice, database)
    await vote(bob, post, 0)
    async with database.transaction() as tx:
        await tx.execute(Statement(update(Poll).values(closes_at=func.now())))
    answer = await vote(charlie, post, 0)
    assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "poll-closed")
    assert (await vote(bob, post, 0)).body["type"].endswith("already-voted")
    assert votes((await charlie.get(f"/v1/posts/{post}"))["poll"]) == [1, 0, 0]


async def test_a_poll_that_is_not_out_is_not_found(alice: Person, database: Clone) -> None:
    post = await ask(alice, database)
    await change_post(database, post, published_at=None)
    assert (await vote(alice, post, 0)).status == 404


async def test_a_post_without_a_poll_is_not_found(alice: Person) -> None:
    post = await alice.post("/v1/posts", {"caption": "x"})
    assert (await vote(alice, post["id"], 0)).status == 404


async def test_what_one_may_not_see_is_not_found(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    assert (await vote(bob, NOT_THERE, 0)).status == 404
    await alice.put("/v1/blocks/bob@meton")
    assert (await vote(bob, post, 0)).status == 404
    await alice.delete("/v1/blocks/bob@meton")
    await change_post(database, post, visibility="friends")
    assert (await vote(bob, post, 0)).status == 404
    await alice.delete(f"/v1/posts/{post}")
    assert (await vote(alice, post, 0)).status == 404
    assert await count(database, PollVote) == 0


async def test_it_is_for_people_who_are_signed_in(house: House, alice: Person, database: Clone) -> None:
    post = await ask(alice, database)
    assert (await house.nobody.call("POST", f"/v1/posts/{post}/poll/votes", {"options": [0]})).status == 401


async def test_repeating_a_vote_gets_the_same_answer(alice: Person, bob: Person, database: Clone) -> None:
    path, key = f"/v1/posts/{await ask(alice, database)}/poll/votes", {"Idempotency-Key": "once"}
    first, again = [await bob.call("POST", path, {"options": [0]}, key) for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert (await bob.call("POST", path, {"options": [1]}, key)).status == 422
    assert await count(database, PollVote) == 1


async def test_the_question_stays_once_somebody_has_voted(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    path = f"/v1/posts/{post}"
    assert (await alice.call("PATCH", path, {"caption": "कॉफ़ी?"})).status == 200
    await vote(bob, post, 0)
    hindi = {"Accept-Language": "hi"}
    for caption in ("चाय?", None):
        answer = await alice.call("PATCH", path, {"caption": caption, "visibility": "friends"}, hindi)
        assert (answer.status, answer.body["type"].rpartition("/")[2]) == (409, "poll-has-votes")
        assert answer.body["title"] == "लोग वोट दे चुके हैं"
    other = [{"poll": None}, {"poll": {"options": ["x", "y"], "closes_at": "2030-01-01T00:00:00Z"}}]
    assert [(await alice.call("PATCH", path, change)).status for change in other] == [422, 422]
    seen = await bob.get(path)
    assert (seen["caption"], seen["visibility"], seen["revision"]) == ("कॉफ़ी?", "public", 1)
    kept = await alice.call("PATCH", path, {"caption": " कॉफ़ी? ", "visibility": "friends"})
    assert (kept.status, kept.body["visibility"], kept.body["revision"]) == (200, "friends", 1)


async def test_a_change_of_the_question_waits_for_a_vote_that_is_being_cast(
    alice: Person, bob: Person, database: Clone
) -> None:
    post = await ask(alice, database)
    casting = {"post": UUID(post), "viewer": bob.id}

    async def waits() -> bool:
        async with database.reading() as tx:
            return bool(await tx.connection.fetchval(WAITING))

    async with database.transaction() as tx:
        assert await tx.row(queries.LOCK, **casting)
        change = asyncio.create_task(alice.call("PATCH", f"/v1/posts/{post}", {"caption": "कॉफ़ी?"}))
        await eventually(waits)
        await tx.execute(queries.VOTE, **casting, options=[0])
    assert (await change).body["type"].endswith("/poll-has-votes")
    assert (await alice.get(f"/v1/posts/{post}"))["caption"] == "चाय?"


async def test_of_votes_and_changes_at_once_every_vote_counts(house: House, alice: Person, database: Clone) -> None:
    post = await ask(alice, database)
    people = [await house.person(f"person{number}") for number in range(50)]
    voters, captions = iter(people), iter(range(50))
    changes, cast = await race(
        lambda: alice.call("PATCH", f"/v1/posts/{post}", {"caption": f"चाय {next(captions)}?"}),
        lambda: vote(next(voters), post, 0),
    )
    assert {answer.status for answer in cast} == {200}
    assert {answer.status for answer in changes} <= {200, 409}
    seen = await alice.get(f"/v1/posts/{post}")
    assert seen["revision"] == [answer.status for answer in changes].count(200)
    assert (seen["poll"]["voters"], votes(seen["poll"])) == (50, [50, 0, 0])
    assert await is_exact(database)


async def test_fifty_people_at_once_are_all_counted(house: House, alice: Person, database: Clone) -> None:
    post = await ask(alice, database)
    people = [await house.person(f"person{number}") for number in range(50)]
    answers = await asyncio.gather(*(vote(person, post, number % 3) for number, person in enumerate(people)))
    assert {answer.status for answer in answers} == {200}
    poll = (await alice.get(f"/v1/posts/{post}"))["poll"]
    assert (votes(poll), poll["voters"]) == ([17, 17, 16], 50)
    assert await is_exact(database)


async def test_the_same_person_fifty_times_at_once_counts_once(alice: Person, bob: Person, database: Clone) -> None:
    post = await ask(alice, database)
    answers = await race(lambda: vote(bob, post, 0), lambda: vote(bob, post, 1), times=25)
    statuses = [answer.status for same in answers for answer in same]
    assert sorted(statuses) == [200] + [409] * 49
    assert await count(database, PollVote) == 1
    assert await is_exact(database)
