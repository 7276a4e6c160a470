"""msgspec's one-line complaints as field errors: a JSON pointer, and a sentence in each language."""

from __future__ import annotations

import re

from social_api.problems import Invalid, Text

_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_TYPES = {
    "str": Text("text", "पाठ"),
    "int": Text("a whole number", "पूर्णांक"),
    "float": Text("a number", "संख्या"),
    "bool": Text("true or false", "true या false"),
    "array": Text("a list", "सूची"),
    "object": Text("an object", "ऑब्जेक्ट"),
    "null": Text("null", "null"),
    "uuid": Text("a UUID", "UUID"),
    "datetime": Text("a time", "समय"),
}
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>[^`]+)`")
_TYPE = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_LENGTH = re.compile(r"Expected `(?P<wanted>str|array|bytes|object)` of length (?P<sign>[<>]=|==) (?P<bound>\d+)")
_RANGE = re.compile(r"Expected `(?:int|float)` (?P<sign>[<>]=?) (?P<bound>-?[\d.]+)")
_OTHERS = {
    "Invalid UUID": Text("This must be a UUID.", "यह UUID होना चाहिए।"),
    "Invalid RFC3339": Text("This must be an RFC 3339 time.", "यह RFC 3339 समय होना चाहिए।"),
    "Invalid enum value": Text("This is none of the allowed values.", "यह मान्य विकल्पों में नहीं है।"),
    "Invalid value": Text("This is none of the allowed values.", "यह मान्य विकल्पों में नहीं है।"),
}
_AT_MOST, _AT_LEAST = "<=", ">="


def invalid(message: str) -> Invalid:
    """The problem for the text of a msgspec.ValidationError."""
    place = _PLACE.fullmatch(message)
    what, path = (place["what"], place["path"] or "") if place else (message, "")
    pointer = "".join(f"/{step['name'] or step['index']}" for step in _STEP.finditer(path))
    if named := _MISSING.fullmatch(what):
        return Invalid((f"{pointer}/{named['field']}", Text("This is required.", "यह ज़रूरी है।")))
    if named := _UNKNOWN.fullmatch(what):
        return Invalid((f"{pointer}/{named['field']}", Text("There is no such field.", "ऐसा कोई फ़ील्ड नहीं है।")))
    return Invalid((pointer, _sentence(what)))


def _sentence(what: str) -> Text:
    if found := _TYPE.fullmatch(what):
        return _wrong_type(found["wanted"])
    if found := _LENGTH.fullmatch(what):
        return _wrong_length(found["wanted"], found["sign"], found["bound"])
    if found := _RANGE.fullmatch(what):
        sign, bound = found["sign"], found["bound"]
        return Text(f"This must be {sign} {bound}.", f"यह {sign} {bound} होना चाहिए।")
    for start, sentence in _OTHERS.items():
        if what.startswith(start):
            return sentence
    return Text("This value is not valid.", "यह मान मान्य नहीं है।")


def _wrong_type(wanted: str) -> Text:
    kinds = [_TYPES.get(kind.strip(), Text(kind.strip(), kind.strip())) for kind in wanted.split("|")]
    english, hindi = " or ".join(kind.en for kind in kinds), " या ".join(kind.hi for kind in kinds)
    return Text(f"This must be {english}.", f"यह {hindi} होना चाहिए।")


def _wrong_length(wanted: str, sign: str, bound: str) -> Text:
    thing = Text("characters", "अक्षर") if wanted == "str" else Text("items", "चीज़ें")
    if sign == _AT_MOST:
        return Text(f"At most {bound} {thing.en}.", f"अधिकतम {bound} {thing.hi}।")
    if sign == _AT_LEAST:
        return Text(f"At least {bound} {thing.en}.", f"कम से कम {bound} {thing.hi}।")
    return Text(f"Exactly {bound} {thing.en}.", f"ठीक {bound} {thing.hi}।")
