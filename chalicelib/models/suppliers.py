"""Who supplies the services of an account, as the billing's accounts file tells it.

One item per account, put whole by the import and read whole: a household has a handful.
"""

from typing import Final

from chalicelib.models.accounts_table import AccountItem
from chalicelib.models.json_text import JSONText

ITEM: Final = "suppliers"


class Suppliers(AccountItem):
    """All suppliers of one account. Item `suppliers`."""

    suppliers = JSONText(default=list)
    """`[{"number": "3", "name": …, "services": […], "contacts": {…}}]`; a number may repeat.

    Contacts are `address`, `phones` (a list), `site` and `bank_details`, any of which may be absent.
    """
