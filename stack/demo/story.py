"""Who the demo people are, and what they write: something of everything that the social API has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stack.demo.drawing import Colour, Scene


@dataclass(frozen=True, slots=True)
class About:
    """Somebody's page."""

    display_name: str
    bio: str
    language: str
    avatar: Scene
    cover: Scene | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A post. `pictures` are drawn, a `clip` is a file in clips/; the rest is as the API takes it."""

    author: str
    content: Mapping[str, Any]
    pictures: tuple[Scene, ...] = ()
    clip: str = ""
    clip_shows: str = ""
    for_list: bool = False
    passes_on: str = ""
    """The caption of an earlier post."""


def _in(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _square(alt_text: str, top: Colour, horizon: Colour, hill: Colour, seed: int) -> Scene:
    return Scene(alt_text, top, horizon, hill, seed, 192, 192)


DUSK = Scene("Dusk over three ranges of hills", (246, 193, 119), (235, 111, 146), (35, 33, 54), seed=3)
NIGHT = Scene("The same hills at night", (13, 20, 52), (58, 80, 140), (6, 8, 20), seed=3)
MORNING = Scene("Green hills under a morning sky", (142, 202, 230), (255, 245, 200), (33, 87, 50), seed=8)

ABOUT = {
    "alice": About(
        "आलिया (Alice) Sharma",
        "चाय, रेलगाड़ियाँ और हिमालय। Photographs when the light is good.",
        "hi",
        _square("A pink evening", (255, 183, 197), (255, 229, 180), (120, 40, 90), seed=1),
        DUSK,
    ),
    "bob": About(
        "Bob Verma",
        "Cooks on weekends, reads on trains. मुंबई.",
        "en",
        _square("A blue morning", (90, 160, 220), (225, 240, 250), (20, 60, 110), seed=5),
        MORNING,
    ),
    "charlie": About(
        "Charlie Dias",
        "I keep this account for people I know. Ask, and I will look.",
        "en",
        _square("A green valley", (180, 220, 170), (245, 250, 220), (30, 90, 60), seed=9),
    ),
}
PRIVATE = ("charlie",)
FRIENDS = (("alice", "bob"), ("bob", "charlie"))
FOLLOWS = (("alice", "charlie"), ("charlie", "alice"), ("bob", "charlie"))
CLOSE_FRIENDS = (("alice", "bob"), ("bob", "charlie"))
LIST = ("bob", "Trek", ("alice", "charlie"))
MUTED_WORD = ("bob", "spoilers")
IDENTITY = ("bob", {"provider": "DigiLocker", "token_id": "demo-bob", "document_token": "not a document, a demo"})

HELLO = "नमस्ते! यह मेरी पहली पोस्ट है। #नमस्ते"
MONSOON = "Monsoon over the Western Ghats this morning. #rain"
QUESTION = "रविवार को क्या पकाएँ, @bob? #खाना"


def posts() -> tuple[Written, ...]:
    """What they have written, the oldest first."""
    return (
        Written("charlie", {"caption": MONSOON, "language": "en"}),
        Written("alice", {"caption": HELLO, "language": "hi"}),
        Written("bob", {"caption": "For friends only: tea at five, as always.", "visibility": "friends"}),
        Written(
            "alice",
            {
                "type": "photo",
                "caption": "शिमला की शाम, और उसके बाद की रात। #पहाड़ #shimla",
                "location": {"name": "Shimla", "latitude": 31.1, "longitude": 77.17},
            },
            pictures=(DUSK, NIGHT),
        ),
        Written("bob", {"type": "microblog", "caption": "Read twelve pages, understood two. #books"}),
        Written(
            "bob",
            {"type": "video", "caption": "The river behind the house, three seconds of it. #river"},
            clip="river.mp4",
            clip_shows="Light on moving water",
        ),
        Written(
            "charlie",
            {"type": "reel", "caption": "दीया। #diwali", "replies": "friends"},
            clip="lamp.mp4",
            clip_shows="The glow of a lamp",
        ),
        Written(
            "alice",
            {
                "caption": QUESTION,
                "poll": {"options": ["राजमा", "छोले", "Pasta, once more"], "closes_at": _in(days=7)},
            },
        ),
        Written("bob", {"caption": "Close friends first: I have the flat!", "visibility": "closefriends"}),
        Written("bob", {"caption": "Saturday, six o'clock, the bridge. Who has the stove, @alice?"}, for_list=True),
        Written("bob", {"caption": "Everybody say hello to @alice!"}, passes_on=HELLO),
        Written("alice", {"caption": "Packing for Spiti: boots, tea, the other boots …", "draft": True}),
        Written("alice", {"caption": "Good morning from a train, I hope. #trains", "publish_at": _in(days=1)}),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A comment and the answers to it; `liked_by` the first of them."""

    post: str
    author: str
    text: str
    answers: tuple[tuple[str, str], ...] = ()
    liked_by: tuple[str, ...] = ()
    pinned: bool = False


COMMENTS = (
    Said(
        HELLO,
        "bob",
        "स्वागत है, @alice! 🎉",
        answers=(("alice", "धन्यवाद, बॉब। चाय कब?"), ("bob", "At five, as always.")),
        liked_by=("alice", "charlie"),
        pinned=True,
    ),
    Said(HELLO, "charlie", "Welcome! Which mountains first?", answers=(("alice", "The ones with a railway."),)),
    Said(MONSOON, "alice", "Take me along next time.", liked_by=("charlie",)),
)
LIKES = ((HELLO, "bob"), (HELLO, "charlie"), (MONSOON, "alice"), (QUESTION, "bob"))
SAVES = ((MONSOON, "alice"), (HELLO, "bob"))
VOTES = ((QUESTION, "bob", 1), (QUESTION, "charlie", 0))
