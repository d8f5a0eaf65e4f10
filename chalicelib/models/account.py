"""Facts of a personal account, its balance and its reading window; written by the billing's imports.

`unbilled` is what makes `to_pay` change the moment a payment settles: a map from our own id of the
payment, refund or dispute (or the billing's id of an imported one) to kopecks and the billing
period that counted it. Setting a key again changes nothing, so no step can count money twice.
"""

from collections.abc import Mapping

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from chalicelib.models.accounts_table import AccountItem

ITEM = "account"


class Account(AccountItem):
    """One personal account. Item `account`."""

    owner_name = UnicodeAttribute(default="")
    address = UnicodeAttribute(default="")
    total_area = UnicodeAttribute(null=True)
    """Square metres, a decimal string, as are the other areas."""
    living_area = UnicodeAttribute(null=True)
    residents = NumberAttribute(null=True)
    registered = NumberAttribute(null=True)
    ownership = UnicodeAttribute(null=True)
    insurance_refused = BooleanAttribute(default=False)
    """The client filed a written refusal of voluntary insurance."""

    window_opens = NumberAttribute(default=15)
    """Day of month, 1 to 31, on which readings open; `window_closes` is the last day, inclusive."""
    window_closes = NumberAttribute(default=26)
    window_overrides = JSONAttribute(default=dict)
    """Months with their own window: `{"2026-12": [1, 12]}`."""

    bill_period = UnicodeAttribute(null=True)
    """Period of the newest bill, `2026-10`; the amounts below are that bill's, in kopecks."""
    bill_to_pay = NumberAttribute(default=0)
    bill_insurance = NumberAttribute(default=0)
    bill_debt_at_start = NumberAttribute(default=0)
    bill_charged = NumberAttribute(default=0)
    bill_paid = NumberAttribute(default=0)
    bill_due_on = UnicodeAttribute(null=True)
    """The day by which it is to be paid."""
    bill_as_of = UTCDateTimeAttribute(null=True)
    unbilled: MapAttribute[str, object] = MapAttribute(default=dict)  # type: ignore[no-untyped-call]
    """`{<id>: {"amount": kopecks, "insurance": kopecks, "period": "2026-11" or absent, "at": epoch}}`.

    `at` stands at our own payments: the guard against paying twice looks at it."""
    charging = UnicodeSetAttribute(null=True)
    """Automatic charges whose outcome is open, as `charge_name` calls them."""

    revision = UnicodeAttribute(null=True)
    """Hash of the imported facts, so that the same file again changes nothing."""
    version = VersionAttribute()


class AccountMoney(AccountItem):
    """The item `account` as money touches it: blind writes, so without the version's condition.

    They raise the version all the same, so that whoever read the item before cannot write it whole.
    """

    unbilled: MapAttribute[str, object] = MapAttribute(null=True)  # type: ignore[no-untyped-call]
    charging = UnicodeSetAttribute(null=True)
    version = NumberAttribute(null=True)


def charge_name(client_id: str, month: str) -> str:
    """What `charging` calls the charge of a client's mandate for a month, all its tries together."""
    return f"{client_id}#{month}"


def charge_actions(name: str) -> list[Action]:
    """Note that an automatic charge is under way."""
    return [AccountMoney.charging.add({name}), _raised()]


def settle_actions(
    movements: Mapping[str, dict[str, int]], charged: str | None = None
) -> list[Action]:
    """Put movements under their ids into `unbilled`; setting one again changes nothing.

    `movements`: `{<id>: {"amount", "insurance", "at"}}` in kopecks, positive towards the account,
    and epoch seconds. `charged`: the automatic charge that is not under way any more.
    """
    changes: list[Action] = [Path(["unbilled", key]).set(entry) for key, entry in movements.items()]
    if charged is not None:
        changes.append(AccountMoney.charging.delete({charged}))
    return [*changes, _raised()]


def as_read(account: Account) -> Condition:
    """Holds while nobody has changed the account since it was read."""
    unchanged: Condition = AccountMoney.version == int(account.version)
    return unchanged


def _raised() -> Action:
    return AccountMoney.version.set((AccountMoney.version | 0) + 1)
