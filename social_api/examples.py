"""Example values for the API document, made from JSON schemas so that none is ever out of date."""

from __future__ import annotations

from typing import Any

ID = "019aab3c-5b1e-7d43-9f0a-3c1d5e7f9a2b"
TIME = "2026-11-22T18:00:00Z"

_TEXTS = {
    "connect_id": "alice@meton",
    "display_name": "Alice",
    "email": "alice@example.org",
    "caption": "नमस्ते!",
    "language": "hi",
    "user_id": "@alice:meton.localhost",
}


def example(schema: dict[str, Any], components: dict[str, Any], name: str = "") -> Any:
    """A value that fits `schema`; `name` is the field that holds it."""
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, name)
    for keyword in ("examples", "enum"):
        if keyword in schema:
            return schema[keyword][0]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return example(schema[keyword][0], components, name)
    return schema["const"] if "const" in schema else _of_type(schema, components, name)


def _of_type(schema: dict[str, Any], components: dict[str, Any], name: str) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {field: example(inner, components, field) for field, inner in fields.items()}
        case "array":
            return [example(schema.get("items", {}), components, name)] * max(1, schema.get("minItems", 1))
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _:
            return None


def _text(schema: dict[str, Any], name: str) -> str:
    if schema.get("format") == "uuid":
        return ID
    if name in _TEXTS:
        return _TEXTS[name]
    if name.endswith("_id"):
        return ID
    if schema.get("format") == "date-time" or name.endswith("_at"):
        return TIME
    return "text".ljust(schema.get("minLength", 0), "x")
