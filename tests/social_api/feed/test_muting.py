"""What one has muted is left out of feeds, in either order, and of nothing else."""

from __future__ import annotations

import pytest

from tests.social_api.conftest import Person
from tests.social_api.feed.reading import posted, shown

ORDERS = ("/v1/feed", "/v1/feed?sort=ranked")


@pytest.mark.parametrize("feed", ORDERS)
async def test_people_one_has_muted(alice: Person, bob: Person, feed: str) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    post = await posted(bob)
    await alice.put("/v1/mutes/bob@meton", {})
    assert await shown(alice, feed) == []
    assert (await alice.get(f"/v1/posts/{post}"))["id"] == post
    await alice.delete("/v1/mutes/bob@meton")
    assert await shown(alice, feed) == [post]


@pytest.mark.parametrize("feed", ORDERS)
async def test_words_one_has_muted_but_in_ones_own_posts(alice: Person, bob: Person, feed: str) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    own = await posted(alice, caption="all about cricket")
    await posted(bob, caption="Cricket again")
    await posted(bob, caption="फिर से क्रिकेट")
    part = await posted(bob, caption="crickets sing")
    wordless = await posted(bob, caption="tea")
    for word in ("cricket", "क्रिकेट"):
        await alice.put(f"/v1/muted-words/{word}", {})
    assert await shown(alice, feed) == [wordless, part, own]


@pytest.mark.parametrize("feed", ORDERS)
async def test_what_others_pass_on_of_people_and_with_words_one_has_muted(
    alice: Person, bob: Person, charlie: Person, feed: str
) -> None:
    await alice.put("/v1/profiles/bob@meton/follow")
    passed_on = await posted(bob, caption=None, repost_of=await posted(charlie, caption="tea"))
    await posted(bob, caption="look", repost_of=await posted(charlie, caption="about cricket"))
    await alice.put("/v1/muted-words/cricket", {})
    assert await shown(alice, feed) == [passed_on]
    await alice.put("/v1/mutes/charlie@meton", {})
    assert await shown(alice, feed) == []
