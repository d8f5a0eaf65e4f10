"""Words of payments that both shapes and rules use."""

from enum import StrEnum
from typing import Final

ACCOUNTS_IN_ONE_PAYMENT: Final = 48
"""Settling writes two items per account, the payment and the receipt, of the 100 in a transaction."""


class Status(StrEnum):
    """What people see of a payment."""

    CREATED = "created"
    """Stored before its page was made, as payments once began: none does any more."""
    PENDING = "pending"
    """The page exists, the outcome is open or unknown."""
    PAID = "paid"
    FAILED = "failed"
    """Refused for good: no money moved."""
    CANCELLED = "cancelled"
    """The page was left until it expired."""
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    """The bank holds money back; it may return to `paid`."""
