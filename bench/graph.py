"""A made-up social network, the same at each run but for the day: who follows whom has a heavy tail, as has who posts.

Each table is lines of COPY's text format. Low numbers are the people whom many follow and who write much.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

PEOPLE = 100_000
POSTS_EACH = 10
COHORT = 500
"""People of whom one knows how many they follow; they have the last numbers."""
MEDIAN, MANY = 15, 200
"""How many those follow."""

_DAYS_OF_POSTS = 30
_DAY_MS = 86_400_000
_PRIVATE_EVERY, _MUTING_EVERY, _BLOCKING_EVERY = 20, 50, 50
_FRIEND_DISTANCES = (1, 7)
_PICTURE_EVERY, _LIKE_EVERY = 5, 5
_VISIBILITIES = ("public",) * 17 + ("friends",) * 2 + ("closefriends",)
_WORDS = ("नमस्ते", "monsoon", "over", "the", "Western", "Ghats", "this", "morning", "चाय", "at", "five", "always")


@dataclass(frozen=True, slots=True)
class Graph:
    """`scale` times 100,000 people."""

    scale: int = 1
    now_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def people(self) -> int:
        """How many there are."""
        return self.scale * PEOPLE

    @property
    def posts(self) -> int:
        """How many posts they wrote."""
        return self.people * POSTS_EACH

    def subject(self, number: int) -> str:
        """Keycloak's subject of a person, by which a token names them."""
        return str(UUID(int=number + 1))

    def everyone(self, count: int) -> list[int]:
        """So many people, of all sorts alike."""
        return list(range(0, self.people, self.people // count))[:count]

    def following(self, followees: int) -> list[int]:
        """The people who follow exactly MEDIAN or MANY others."""
        last = self.people if followees == MANY else self.people - COHORT
        return list(range(last - COHORT, last))

    def tables(self) -> dict[str, Iterator[str]]:
        """What to COPY, by table and its columns."""
        return {
            "users(id, connect_id, display_name, subject, is_private)": self._users(),
            "follows(follower_id, followed_id)": self._follows(),
            "friend_requests(requester_id, receiver_id, status)": self._friends(),
            "blocks(blocker_id, blocked_id)": self._pairs(_BLOCKING_EVERY, 29),
            "mutes(muter_id, muted_id)": self._pairs(_MUTING_EVERY, _FRIEND_DISTANCES[0]),
            "muted_words(user_id, word, pattern)": self._muted_words(),
            "posts(id, user_id, type, caption, visibility, created_at, published_at, like_count, comment_count)": (
                self._posts()
            ),
            "media_items(id, post_id, user_id, storage_key, mime_type, width, height, kind, transcoding_status, "
            "playlist_key, thumb_key)": self._pictures(),
            "likes(user_id, target_type, target_id)": self._likes(),
        }

    def _person(self, number: int) -> str:
        return _id(self.now_ms - 400 * _DAY_MS + number, number)

    def _users(self) -> Iterator[str]:
        for number in range(self.people):
            private = number % _PRIVATE_EVERY == _PRIVATE_EVERY - 1
            yield (
                f"{self._person(number)}\tp{number}@meton\tPerson {number}\t{self.subject(number)}\t{'ft'[private]}\n"
            )

    def _follows(self) -> Iterator[str]:
        chance = random.Random(1)  # noqa: S311 - made-up data
        for number in range(self.people):
            follower = self._person(number)
            for followed in self._followees(number, chance):
                yield f"{follower}\t{self._person(followed)}\n"

    def _followees(self, number: int, chance: random.Random) -> set[int]:
        count = int(chance.lognormvariate(math.log(11.5), 0.87))
        if number >= self.people - COHORT:
            count = MANY
        elif number >= self.people - 2 * COHORT:
            count = MEDIAN
        chosen: set[int] = set()
        while len(chosen) < min(count, self.people // 20):
            chosen.add(int(self.people * chance.random() ** 3))
            chosen.discard(number)
        return chosen

    def _friends(self) -> Iterator[str]:
        for number in range(self.people):
            for distance in _FRIEND_DISTANCES:
                yield f"{self._person(number)}\t{self._person((number + distance) % self.people)}\taccepted\n"

    def _pairs(self, every: int, distance: int) -> Iterator[str]:
        for number in range(0, self.people, every):
            yield f"{self._person(number)}\t{self._person((number + distance) % self.people)}\n"

    def _muted_words(self) -> Iterator[str]:
        for number in range(0, self.people, _MUTING_EVERY):
            yield f"{self._person(number)}\tcricket\t(?:cricket)\n"

    def _posts(self) -> Iterator[str]:
        chance = random.Random(3)  # noqa: S311 - made-up data
        for number, post, author, at_ms in self._written():
            kind = "photo" if number % _PICTURE_EVERY == 0 else "post"
            caption = " ".join(chance.choices(_WORDS, k=chance.randrange(3, 30)))
            visibility = _VISIBILITIES[number % len(_VISIBILITIES)]
            at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
            yield f"{post}\t{author}\t{kind}\t{caption}\t{visibility}\t{at}\t{at}\t{at_ms % 40}\t{at_ms % 7}\n"

    def _pictures(self) -> Iterator[str]:
        for number, post, author, at_ms in self._written():
            if number % _PICTURE_EVERY == 0:
                key = _id(at_ms, number)
                yield (
                    f"{key}\t{post}\t{author}\t{key}/original\timage/jpeg\t1200\t900\timage\tdone\t"
                    f"{key}/1/photo.jpg\t{key}/1/thumb.jpg\n"
                )

    def _likes(self) -> Iterator[str]:
        for number, post, _, _ in self._written():
            if number % _LIKE_EVERY == 1:
                yield f"{self._person(number * 7919 % self.people)}\tpost\t{post}\n"

    def _written(self) -> Iterator[tuple[int, str, str, int]]:
        """Number, id, author and time of each post, oldest first."""
        chance = random.Random(2)  # noqa: S311 - made-up data
        first_ms, step = self.now_ms - _DAYS_OF_POSTS * _DAY_MS, _DAYS_OF_POSTS * _DAY_MS / self.posts
        for number in range(self.posts):
            at_ms = int(first_ms + number * step)
            yield number, _id(at_ms, number), self._person(int(self.people * chance.random() ** 2)), at_ms


def _id(at_ms: int, number: int) -> str:
    """A UUIDv7 of that moment."""
    return f"{at_ms >> 16:08x}-{at_ms & 0xFFFF:04x}-7000-8000-{number:012x}"
