"""Suggestions on the wire."""

from typing import Literal

from msgspec import Struct

from social_api.profiles.schemas import PersonSummary

Kind = Literal["mutual_friends", "followed_by_friends", "popular"]


class Reason(Struct, frozen=True):
    """Why somebody is suggested.

    `mutual_friends`: so many of your friends are theirs. `followed_by_friends`: so many of those you follow or are
    friends with follow them. `popular`: so many came to follow them lately. `people` names up to three of the former.
    """

    kind: Kind
    count: int
    people: list[PersonSummary]


class Suggestion(Struct, frozen=True):
    """Somebody one may want to follow or befriend."""

    person: PersonSummary
    reason: Reason
