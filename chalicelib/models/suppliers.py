"""Who supplies the services of an account, as the billing's accounts file tells it.

One item per account, put whole by the import and read whole: a household has a handful.
"""

from typing import Final

from pynamodb.attributes import JSONAttribute

from chalicelib.models.accounts_table import AccountItem

ITEM: Final = "suppliers"


class Suppliers(AccountItem):
    """All suppliers of one account. Item `suppliers`."""

    suppliers = JSONAttribute(default=list)
    """`[{"number": "3", "name": …, "services": […], "contacts": {…}}]`; a number may repeat.

    Contacts are `address`, `phones` (a list), `site` and `bank_details`, any of which may be absent.
    """
