"""Keeps an account where the reminders' index looks for it."""

from chalicelib import clock
from chalicelib.models.account import Account
from chalicelib.models.base import Transaction
from chalicelib.models.reminder import ReminderPlace, places_kept, reminder_place
from chalicelib.rules.reminders import places_of
from chalicelib.services.windows import account_window


def reminder_items(account: Account) -> list[ReminderPlace]:
    """What is put when an account gets a proven holder, in the same transaction. No calls."""
    places = places_of(account_window(account), clock.today())
    return [reminder_place(account.account_number, place) for place in sorted(places)]


def follow(account: Account) -> bool:
    """Move an account's places after its window; whether anything was to move.

    One query, and one transaction if something differs. An account without places has no holder
    and gets none. An import calls this before it stores an account whose window changed: broken
    off in between, it does both again.
    """
    kept = {item.place: item for item in places_kept(account.account_number)}
    wanted = {item.place: item for item in reminder_items(account)}
    t = Transaction()
    if kept:
        for place in sorted(wanted.keys() - kept.keys()):
            t.put(place, wanted[place])
        for place in sorted(kept.keys() - wanted.keys()):
            t.delete(place, kept[place])
    if len(t):
        t.commit()
    return bool(len(t))
