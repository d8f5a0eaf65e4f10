"""Who may see an account: the caller's `holder#<client>` item, read with whatever else is read.

Foreign, absent and unlinked accounts are one answer, NotFound, so that nobody learns which numbers
exist. An account that is linked but not proven shows only its number (`account_not_verified`).
"""

import re

from chalicelib.errors import Code, Forbidden, NotFound
from chalicelib.models.holder import Holder, holder_item

_NUMBER = re.compile(r"[0-9]{6,20}")

HolderKey = tuple[type[Holder], str, str]


def holder_key(account_number: str, client_id: str) -> HolderKey:
    """The key of a caller's right, for `batch_get`. Raises NotFound for what is no account number."""
    if not _NUMBER.fullmatch(account_number):
        raise NotFound
    return (Holder, account_number, holder_item(client_id))


def require_holder(holder: object | None, *, verified: bool = True) -> Holder:
    """The caller's right, as read by its key. No calls.

    Raises NotFound when there is none, Forbidden `account_not_verified` when it is not proven yet
    and `verified` asks for it.
    """
    if not isinstance(holder, Holder):
        raise NotFound
    if verified and not holder.verified:
        raise Forbidden(Code.ACCOUNT_NOT_VERIFIED)
    return holder
