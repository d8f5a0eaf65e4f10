"""From a stored account to the reading window that the rules look at."""

from chalicelib.models.account import Account
from chalicelib.rules.windows import AccountWindow


def account_window(account: Account) -> AccountWindow:
    """The account's own reading window. No calls."""
    return AccountWindow(
        opens=int(account.window_opens),
        closes=int(account.window_closes),
        overrides=account.window_overrides or {},
    )
