"""Form bodies as Stripe writes them: `a[b]=1`, `a[0][c]=2`, `expand[]=x`.

Decoding knows nothing of parameters: lists come out as mappings with keys "0", "1", ... and are
told from mappings by the shape that reads them (`shapes.py`).
"""

import re
from urllib.parse import parse_qsl

from local.stripe.errors import malformed

Form = dict[str, "str | Form"]

_NAME = re.compile(r"[^\[\]]+")
_KEYS = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 8


def decode(encoded: str) -> Form:
    """The nested form of a query string or body. Raises Refused for a name that is not one."""
    form: Form = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        _place(form, _path(name), value, name)
    return form


def _path(name: str) -> list[str]:
    head = _NAME.match(name)
    if head is None:
        raise malformed(f"Invalid parameter name: {name}", "parameter_unknown", name)
    keys = _KEYS.findall(name[head.end() :])
    if "".join(f"[{key}]" for key in keys) != name[head.end() :] or len(keys) > _DEEPEST:
        raise malformed(f"Invalid parameter name: {name}", "parameter_unknown", name)
    return [head.group(), *keys]


def _place(form: Form, path: list[str], value: str, name: str) -> None:
    *parents, last = path
    here = form
    for key in parents:
        inner = here.setdefault(key or str(len(here)), {})
        if isinstance(inner, str):
            raise malformed(f"Invalid object: {name}", None, name)
        here = inner
    here[last or str(len(here))] = value
