"""The contract as one readable HTML page, without script: for people with a browser and a curl."""

from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader

_TEMPLATES = Path(__file__).parent / "templates"


def render(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=ChainableUndefined
    )
    environment.filters["type_of"] = type_of
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    template = environment.get_template("contract.html")
    return template.render(
        info=document["info"], tags=by_tag, schemas=document["components"]["schemas"]
    )


def type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: `array of Reading`, `string, 2026-10`, `integer or null`."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if "$ref" in schema:
        words = str(schema["$ref"]).rsplit("/", 1)[-1]
    elif options:
        words = " or ".join(type_of(option) for option in options)
    elif "enum" in schema or "const" in schema:
        words = " | ".join(str(value) for value in schema.get("enum", [schema.get("const")]))
    elif schema.get("type") == "array":
        words = f"array of {type_of(schema.get('items', {}))}"
    elif isinstance(schema.get("additionalProperties"), dict):
        words = f"map of {type_of(schema['additionalProperties'])}"
    else:
        bounds = [str(schema[word]) for word in ("format", "pattern") if word in schema]
        words = ", ".join([str(schema.get("type", "any")), *bounds])
    return words
