"""The words of the hosted page, in Russian and English."""

RUSSIAN = {
    "language": "ru",
    "test_mode": "Тестовый режим: деньги не списываются",
    "pay_title": "Оплата",
    "setup_title": "Привязка карты",
    "setup_text": "Карта сохранится для будущих платежей. Сейчас ничего не спишется.",
    "total": "Итого",
    "email": "Электронная почта",
    "number": "Номер карты",
    "expiry": "Срок (ММ / ГГ)",
    "cvc": "CVC",
    "pay": "Оплатить",
    "save": "Сохранить карту",
    "back": "Назад",
    "authenticate_title": "Подтверждение 3-D Secure",
    "authenticate_text": "Банк просит подтвердить операцию.",
    "complete": "Подтвердить",
    "fail": "Отклонить",
    "authenticated": "Готово. Страницу можно закрыть.",
    "session_complete": "Всё уже сделано. Страницу можно закрыть.",
    "session_expired": "Срок этой страницы истёк. Вернитесь и начните заново.",
    "not_found": "Такой страницы нет.",
    "receipt_title": "Квитанция",
    "receipt_paid": "Оплачено",
    "receipt_failed": "Не оплачено",
    "receipt_refunded": "Возвращено",
    "receipt_date": "Дата (UTC)",
    "receipt_card": "Карта",
    "bad_expiry": "Укажите срок действия в виде ММ / ГГ.",
    "declined": "Карта отклонена банком.",
    "insufficient_funds": "На карте недостаточно средств.",
    "expired_card": "Срок действия карты истёк.",
    "incorrect_cvc": "Неверный код безопасности карты.",
    "invalid_cvc": "Неверный код безопасности карты.",
    "incorrect_number": "Неверный номер карты.",
    "invalid_expiry_month": "Неверный месяц срока действия.",
    "invalid_expiry_year": "Неверный год срока действия.",
    "processing_error": "Ошибка обработки карты. Попробуйте ещё раз чуть позже.",
    "payment_intent_authentication_failure": "Не удалось подтвердить операцию. "
    "Попробуйте ещё раз или возьмите другую карту.",
    "setup_intent_authentication_failure": "Не удалось подтвердить операцию. "
    "Попробуйте ещё раз или возьмите другую карту.",
}

ENGLISH = {
    "language": "en",
    "test_mode": "Test mode: no money is charged",
    "pay_title": "Payment",
    "setup_title": "Save a card",
    "setup_text": "The card is saved for later payments. Nothing is charged now.",
    "total": "Total",
    "email": "E-mail",
    "number": "Card number",
    "expiry": "Expiry (MM / YY)",
    "cvc": "CVC",
    "pay": "Pay",
    "save": "Save card",
    "back": "Back",
    "authenticate_title": "3-D Secure confirmation",
    "authenticate_text": "The bank asks you to confirm.",
    "complete": "Complete",
    "fail": "Fail",
    "authenticated": "Done. You can close this page.",
    "session_complete": "All is done already. You can close this page.",
    "session_expired": "This page has expired. Go back and start again.",
    "not_found": "There is no such page.",
    "receipt_title": "Receipt",
    "receipt_paid": "Paid",
    "receipt_failed": "Not paid",
    "receipt_refunded": "Refunded",
    "receipt_date": "Date (UTC)",
    "receipt_card": "Card",
    "bad_expiry": "Give the expiry date as MM / YY.",
    "declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "invalid_cvc": "Your card's security code is invalid.",
    "incorrect_number": "Your card number is incorrect.",
    "invalid_expiry_month": "Your card's expiration month is invalid.",
    "invalid_expiry_year": "Your card's expiration year is invalid.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "payment_intent_authentication_failure": "We could not confirm it is you. "
    "Try again or use another card.",
    "setup_intent_authentication_failure": "We could not confirm it is you. "
    "Try again or use another card.",
}

_NO_MINOR_UNITS = frozenset({"jpy", "krw", "vnd", "clp", "xof", "xaf", "ugx", "pyg"})


def texts(locale: str | None, accept_language: str) -> dict[str, str]:
    """The words for a session's locale; `auto` and none follow the browser."""
    wanted = accept_language if locale in (None, "auto") else locale or ""
    return RUSSIAN if wanted.strip().lower().startswith("ru") else ENGLISH


def money(amount: int, currency: str, words: dict[str, str]) -> str:
    """An amount of minor units for the eye: `1 234,50 ₽` or `RUB 1,234.50`."""
    places = 0 if currency in _NO_MINOR_UNITS else 2
    whole, cents = divmod(amount, 10**places)
    if words["language"] == "en":
        return f"{currency.upper()} {whole:,}" + (f".{cents:02}" if places else "")
    sign = "₽" if currency == "rub" else currency.upper()
    grouped = f"{whole:,}".replace(",", "\N{NO-BREAK SPACE}")
    return grouped + (f",{cents:02}" if places else "") + f"\N{NO-BREAK SPACE}{sign}"


def refusal(error: dict[str, str | None], words: dict[str, str]) -> str:
    """A refused card in the reader's words; lost and stolen cards are told as merely declined."""
    for name in (error.get("decline_code"), error.get("code")):
        if name in words:
            return words[name]
    return words["declined"]
