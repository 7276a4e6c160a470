"""What went wrong, for a person: a sentence, and how to go on."""

from __future__ import annotations


class Trouble(Exception):  # noqa: N818 (it is no error of the program)
    """Ends a command without a traceback. `advice` says what to do next; empty when the sentence says all."""

    def __init__(self, sentence: str, advice: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.sentence}\n{self.advice}" if self.advice else self.sentence
