"""Which of our languages a client reads."""

from __future__ import annotations

from functools import lru_cache

LANGUAGES = ("en", "hi")


@lru_cache(maxsize=512)
def preferred(accept_language: str) -> str:
    """The language of an Accept-Language header that suits best: `en` or `hi`, English when neither is asked for."""
    best, best_quality = "en", 0.0
    for part in accept_language.split(","):
        name, _, parameters = part.strip().partition(";")
        language = name.strip().lower().partition("-")[0]
        quality = _quality(parameters)
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
