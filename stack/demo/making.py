"""Making the demo: each step leaves alone what is there, so running it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stack.demo import story
from stack.demo.accounts import PEOPLE, make_account
from stack.demo.drawing import Scene, draw
from stack.demo.person import Person
from stack.demo.story import Said, Written
from stack.installation import Installation

CLIPS = Path(__file__).parent / "clips"
Cast = dict[str, Person]


def make(installation: Installation, say: Callable[[str], None]) -> None:
    """Make what is missing of the demo people and of what they did; Trouble when a part of Meton refuses."""
    say("making the demo people's accounts")
    for name, full_name in PEOPLE.items():
        make_account(installation, name, full_name)
    say("letting them sign in")
    cast = {name: Person(installation, name) for name in PEOPLE}
    pictures = {name: _introduce(person) for name, person in cast.items()}
    say("letting them meet")
    _meet(cast)
    _sort(cast)
    say("letting them write")
    posts: dict[str, str] = {}
    for written in story.posts():
        _write(cast[written.author], written, posts)
        posts[written.content["caption"]] = cast[written.author].written()[written.content["caption"]]
    say("letting them talk")
    for said in story.COMMENTS:
        _talk(cast, said, posts[said.post])
    _react(cast, posts)
    say("hanging up their pictures")
    for name, uploads in pictures.items():
        for place, media_id in uploads.items():
            cast[name].await_ready(media_id)
            cast[name].call("PUT", f"/v1/me/{place}", {"media_id": media_id})
    (installation.state / "demo-made").touch(mode=0o600)


def is_made(installation: Installation) -> bool:
    """Whether `make` came to its end here."""
    return (installation.state / "demo-made").exists()


def _introduce(person: Person) -> dict[str, str]:
    """Say who somebody is; the pictures of theirs that are on their way, by their place."""
    me, about = person.call("GET", "/v1/me"), story.ABOUT[person.name]
    if me["bio"] is None:
        said = {"display_name": about.display_name, "bio": about.bio, "language": about.language}
        person.call("PATCH", "/v1/me", said)
        person.call("PUT", "/v1/me/privacy", {"is_private": person.name in story.PRIVATE})
    wanted = {"avatar": (about.avatar, me["profile_pic_url"]), "cover": (about.cover, me["cover_url"])}
    return {place: _picture(person, scene) for place, (scene, there) in wanted.items() if scene and there is None}


def _meet(cast: Cast) -> None:
    for one, other in story.FRIENDS:
        cast[one].call("POST", "/v1/friend-requests", {"connect_id": cast[other].handle})
        cast[other].call("POST", "/v1/friend-requests", {"connect_id": cast[one].handle})
    for one, other in story.FOLLOWS:
        cast[one].call("PUT", f"/v1/profiles/{cast[other].handle}/follow")
    known = {person.handle for person in cast.values()}
    for name in story.PRIVATE:
        for asked in list(cast[name].listed("/v1/follow-requests")):
            if asked["person"]["connect_id"] in known:
                cast[name].call("POST", f"/v1/follow-requests/{asked['id']}/approve")


def _sort(cast: Cast) -> None:
    """Lists, mutes, and a request to be verified."""
    for one, other in story.CLOSE_FRIENDS:
        cast[one].call("PUT", f"/v1/close-friends/{cast[other].handle}")
    owner = cast[story.LIST[0]]
    list_id = _list_id(owner)
    for member in story.LIST[2]:
        owner.call("PUT", f"/v1/lists/{list_id}/members/{cast[member].handle}")
    name, word = story.MUTED_WORD
    cast[name].call("PUT", f"/v1/muted-words/{word}", {})
    name, identity = story.IDENTITY
    verification = cast[name].call("GET", "/v1/me/verification")
    if verification["status"] == "none" and verification["decided_at"] is None:
        cast[name].call("POST", "/v1/me/verification", identity)


def _list_id(owner: Person) -> str:
    name = story.LIST[1]
    lists = {each["name"]: each["id"] for each in owner.listed("/v1/lists")}
    return str(lists.get(name) or owner.call("POST", "/v1/lists", {"name": name})["id"])


def _write(author: Person, written: Written, posts: dict[str, str]) -> None:
    body = dict(written.content)
    if body["caption"] in author.written():
        return
    body["media"] = [_picture(author, scene) for scene in written.pictures]
    if written.clip:
        body["media"] = [author.upload((CLIPS / written.clip).read_bytes(), "video/mp4", written.clip_shows)]
    if written.for_list:
        body |= {"visibility": "custom", "audience_list_id": _list_id(author)}
    if written.passes_on:
        body["repost_of"] = posts[written.passes_on]
    author.post(body)


def _picture(person: Person, scene: Scene) -> str:
    return person.upload(draw(scene), "image/png", scene.alt_text)


def _talk(cast: Cast, said: Said, post: str) -> None:
    comment = cast[said.author].comment(post, said.text)
    for name, text in said.answers:
        cast[name].comment(post, text, comment)
    for name in said.liked_by:
        cast[name].call("PUT", f"/v1/comments/{comment}/like")
    if said.pinned:
        author = next(written.author for written in story.posts() if written.content["caption"] == said.post)
        cast[author].call("PUT", f"/v1/comments/{comment}/pin")


def _react(cast: Cast, posts: dict[str, str]) -> None:
    for caption, name in story.LIKES:
        cast[name].call("PUT", f"/v1/posts/{posts[caption]}/like")
    for caption, name in story.SAVES:
        cast[name].call("PUT", f"/v1/posts/{posts[caption]}/save")
    for caption, name, option in story.VOTES:
        post = posts[caption]
        if not cast[name].call("GET", f"/v1/posts/{post}")["viewer"]["voted"]:
            cast[name].call("POST", f"/v1/posts/{post}/poll/votes", {"options": [option]})
        cast[name].call("POST", "/v1/views", {"posts": [post]})
