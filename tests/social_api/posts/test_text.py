"""Hashtags and mentions in a text, and the language of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_api.posts.languages import language_of
from social_api.posts.text import (
    LONGEST_HASHTAG,
    MOST_HASHTAGS,
    MOST_MENTIONS,
    fold,
    hashtags,
    mentions,
    without_names,
)

LETTERS = "aZéßıΣकख़ग़ािीुश्र्मी中あ한ﬁＷ٣५_1‌‍"
NOISE = " \n.,!?;:'\"()[]{}/&@#＃-—…।☕❤️🙂"
TEXTS = st.text(st.one_of(st.sampled_from(LETTERS + NOISE), st.characters(exclude_categories=["Cs"])), max_size=200)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#Hello, #hello! (#HELLO)", ["hello"]),
        ("आज #नमस्ते_दुनिया और #हिन्दी।", ["नमस्ते_दुनिया", "हिन्दी"]),
        ("#क़लम and #क़लम", ["क\u093cलम"]),  # with a nukta of its own, and as one letter
        ("＃ＷＩＤＥ #Straße #STRASSE", ["wide", "strasse"]),
        ("#one#two ##three", ["one", "two", "three"]),
        ("#2024 #५ #_ #__ # #☕", []),
        ("#2024vision #५वां", ["2024vision", "५वां"]),
        ("https://a.example/#part www.b.example#c a.example/#d x#no &#39;", []),
        ("#" + "a" * 101 + " #" + "b" * 100, ["b" * 100]),
        (None, []),
        ("", []),
    ],
)
def test_hashtags_are_found_in_any_script(text: str | None, found: list[str]) -> None:
    assert list(hashtags(text)) == found


def test_so_many_hashtags_and_mentions_count() -> None:
    many = range(50)
    assert list(hashtags(" ".join(f"#a{n}" for n in many))) == [f"a{n}" for n in range(MOST_HASHTAGS)]
    assert mentions(" ".join(f"@a{n}" for n in many)) == [f"a{n}@meton" for n in range(MOST_MENTIONS)]


@given(TEXTS)
def test_what_is_found_is_what_it_is_looked_for_as(text: str) -> None:
    for hashtag in hashtags(text):
        assert fold(hashtag) == fold(f"#{hashtag}") == hashtag
        assert 0 < len(hashtag) <= LONGEST_HASHTAG
        assert list(hashtags(f"so #{hashtag}, yes")) == [hashtag]


@given(TEXTS)
def test_upper_and_lower_case_are_the_same(text: str) -> None:
    folded = fold(text)
    assert fold(text.casefold()) == folded or folded is None


@given(TEXTS)
def test_any_text_has_a_language_and_mentions_that_can_be(text: str) -> None:
    assert all(handle.endswith("@meton") and handle == handle.lower() for handle in mentions(text))
    assert language_of(text, "en")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@alice hi", ["alice@meton"]),
        ("(@Bob@meton), @bob.", ["bob@meton"]),
        ("@a.b-c_d! @x/@y", ["a.b-c_d@meton", "x@meton"]),
        ("mail a@b.example or @carl@other.example or @dora@meton.example", []),
        ("@aliceé @@alice @ @.", []),
        ("नमस्ते @alice।", ["alice@meton"]),
    ],
)
def test_mentions_are_handles_of_this_server(text: str, named: list[str]) -> None:
    assert mentions(text) == named


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello world, the weather is lovely today", "en"),
        ("नमस्ते दुनिया, आज मौसम बहुत अच्छा है", "hi"),
        ("नमस्ते", "hi"),
        ("मी आज खूप आनंदी आहे आणि पुण्याला जाणार आहे", "mr"),
        ("Bonjour tout le monde, il fait très beau", "fr"),
        ("ok", "xx"),
        ("#travel @bob https://example.org/a/long/path", "xx"),
        (None, "xx"),
    ],
)
def test_the_language_is_told_where_it_can_be(text: str | None, language: str) -> None:
    assert language_of(text, "xx") == language


@pytest.mark.parametrize("often", ["a.", "a+", "a:", "a://", "www.", "@a-", "@a.b ", "#a", "#", "www.#"])
def test_no_caption_takes_long_to_read(often: str) -> None:
    text = often * (5000 // len(often))
    started = time.thread_time()
    for read in (hashtags, mentions, without_names):
        read(f"{text} #@")
    assert time.thread_time() - started < 0.25  # all that one process answers meanwhile waits
