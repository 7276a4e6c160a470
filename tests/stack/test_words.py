"""The command line's words."""

from __future__ import annotations

import pytest

from stack import cli, words
from stack.installation import Installation
from stack.running import choose
from stack.trouble import Trouble


def test_every_word_has_its_function_and_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        words.parse(["--help"])
    said = capsys.readouterr().out
    for command in cli.COMMANDS:
        assert f"\n    {command} " in said


def test_what_follows_two_dashes_goes_to_pytest() -> None:
    assert words.parse(["test", "--", "-k", "feed", "--", "x"]).rest == ["-k", "feed", "--", "x"]


def test_other_commands_take_nothing_after_two_dashes() -> None:
    with pytest.raises(SystemExit):
        words.parse(["up", "--", "x"])


@pytest.mark.parametrize("url", ["meton.example", "ftp://meton.example", "https://meton.example/path", "https://"])
def test_a_public_url_is_an_origin(own: Installation, url: str) -> None:
    with pytest.raises(Trouble, match="must be an origin"):
        choose(own, words.parse(["up", "--public-url", url]))


def test_a_port_base_that_leaves_no_room_is_refused(own: Installation) -> None:
    for base in ("80", "60000"):
        with pytest.raises(Trouble, match="--port-base must be between"):
            choose(own, words.parse(["up", "--port-base", base]))


def test_choices_replace_only_what_was_said(own: Installation) -> None:
    chosen = choose(own, words.parse(["up", "--public-url", "https://meton.example/", "--no-demo"]))
    assert (chosen.public_url, chosen.demo, chosen.port_base) == ("https://meton.example", False, own.port_base)


def test_a_word_it_does_not_know_is_named(own: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["up", "--only", "mongodb", "--state", str(own.state)]) == 1
    assert "There is no component mongodb" in capsys.readouterr().out
