"""The hosted pages, on which a person pays, saves a card and passes 3-D Secure.

Paths begin with /c and links are relative, so the app may be mounted anywhere. The pages have no
script; they say who they are for in Russian or English.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local.stripe import hosted
from local.stripe.errors import CardRefused, Json, Refused
from local.stripe.hosted import CardEntry
from local.stripe.provider import Provider
from local.stripe.resources import checkout_sessions
from local.stripe.texts import money, refusal, texts

MERCHANT = "LKK"
"""Whom the pages say one pays."""

_HERE = Path(__file__).parent
_EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*", re.ASCII)
# No form-action: browsers apply it to the redirect after the form, whose target is the merchant's.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Form = dict[str, str]
Handler = Callable[[Request, Form], Response]


class Pages:
    """The pages' handlers; they run in threads, so they may wait for the store."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self, endpoint: Callable[[Handler], Callable[[Request], object]]) -> list[Route]:
        """The routes; `endpoint` makes an asynchronous one of a handler."""
        session, intent = "/c/pay/{session}", "/c/authenticate/{intent}"
        return [
            Route("/c/style.css", endpoint(self.style), methods=["GET"]),
            Route(session, endpoint(self.show), methods=["GET"]),
            Route(session, endpoint(self.submit), methods=["POST"]),
            Route(f"{session}/back", endpoint(self.back), methods=["GET"]),
            Route(intent, endpoint(self.ask), methods=["GET"]),
            Route(intent, endpoint(self.authenticate), methods=["POST"]),
            Route("/c/receipts/{charge}", endpoint(self.receipt), methods=["GET"]),
        ]

    def style(self, _request: Request, _form: Form) -> Response:
        return FileResponse(_HERE / "static" / "style.css", media_type="text/css")

    def show(self, request: Request, _form: Form) -> Response:
        """The card form; after a failed 3-D Secure step with the reason."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(request, session)
        error = self._last_error(session) if "failed" in request.query_params else None
        words = _words(request, session)
        return self._form(request, session, refusal(error, words) if error else None)

    def submit(self, request: Request, form: Form) -> Response:
        """Pay; a refused card shows the form again with the reason, status 402."""
        session = self._session(request)
        if session is None or session["status"] != "open":
            return self._closed(request, session)
        words = _words(request, session)
        expiry = _EXPIRY.fullmatch(form.get("expiry", ""))
        if expiry is None:
            return self._form(request, session, words["bad_expiry"], form)
        year = int(expiry.group(2))
        entry = CardEntry(
            number=form.get("number", ""),
            exp_month=int(expiry.group(1)),
            exp_year=year if year > 99 else 2000 + year,
            cvc=form.get("cvc", ""),
            email=form.get("email") or None,
        )
        try:
            intent = self._provider.act(lambda call: hosted.submit(call, session["id"], entry))
        except CardRefused as error:
            return self._form(request, session, refusal(error.body()["error"], words), form)
        except Refused:
            return self._closed(request, self._session(request))
        if intent["status"] == "requires_action":
            return _see_other(f"../authenticate/{intent['id']}")
        return _see_other(checkout_sessions.success_address(session))

    def back(self, request: Request, _form: Form) -> Response:
        """Leave for the merchant's cancel address; the session stays open, as at Stripe."""
        session = self._session(request)
        if session is None or session["cancel_url"] is None:
            return self._closed(request, session)
        return _see_other(session["cancel_url"])

    def ask(self, request: Request, _form: Form) -> Response:
        """The bank's question."""
        intent = self._intent(request)
        if intent is None or intent["status"] != "requires_action":
            return self._note(request, "not_found", 404)
        session = self._owner(intent)
        words = _words(request, session)
        total = money(intent["amount"], intent["currency"], words) if "amount" in intent else None
        return self._page("authenticate.html", words, 200, total=total)

    def authenticate(self, request: Request, form: Form) -> Response:
        """The person's answer: on to the merchant, or back to the form with the reason."""
        intent = self._intent(request)
        if intent is None or intent["status"] != "requires_action":
            return self._note(request, "not_found", 404)
        session = self._owner(intent)
        passed = form.get("answer") == "complete"
        try:
            self._provider.act(lambda call: hosted.authenticate(call, intent["id"], passed=passed))
        except CardRefused:
            if session is not None:
                return _see_other(f"../pay/{session['id']}?failed=1")
            return self._returned(request, intent, "failed")
        except Refused:
            return self._closed(request, session)
        if session is not None:
            return _see_other(checkout_sessions.success_address(session))
        return self._returned(request, intent, "succeeded")

    def receipt(self, request: Request, _form: Form) -> Response:
        """A receipt of a charge, the target of its `receipt_url`."""
        with self._provider.transaction() as call:
            charge = call.store.find("charge", request.path_params["charge"])
        if charge is None:
            return self._note(request, "not_found", 404)
        words = texts(None, request.headers.get("accept-language", ""))
        made = datetime.fromtimestamp(charge["created"], UTC)
        return self._page(
            "receipt.html",
            words,
            200,
            charge=charge,
            made=f"{made:%Y-%m-%d %H:%M}",
            total=money(charge["amount"], charge["currency"], words),
            refunded=money(charge["amount_refunded"], charge["currency"], words),
        )

    def _session(self, request: Request) -> Json | None:
        try:
            return self._provider.act(
                lambda call: checkout_sessions.current(call, request.path_params["session"])
            )
        except Refused:
            return None

    def _intent(self, request: Request) -> Json | None:
        try:
            return self._provider.act(
                lambda call: hosted.find_intent(call, request.path_params["intent"])
            )
        except Refused:
            return None

    def _owner(self, intent: Json) -> Json | None:
        if intent["_session"] is None:
            return None
        return self._provider.act(lambda call: call.named("checkout.session", intent["_session"]))

    def _last_error(self, session: Json) -> Json | None:
        intent_id = session["payment_intent"] or session["setup_intent"]
        if intent_id is None:
            return None
        intent = self._provider.act(lambda call: hosted.find_intent(call, intent_id))
        error: Json | None = intent.get("last_payment_error") or intent.get("last_setup_error")
        return error

    def _form(
        self, request: Request, session: Json, error: str | None, form: Form | None = None
    ) -> Response:
        words = _words(request, session)
        lines = [
            {
                "name": line["description"],
                "note": line["_note"],
                "quantity": line["quantity"],
                "amount": money(line["amount_total"], line["currency"], words),
            }
            for line in session["_lines"]
        ]
        total = session["amount_total"]
        return self._page(
            "pay.html",
            words,
            200 if error is None else 402,
            session=session,
            lines=lines,
            total=None if total is None else money(total, session["currency"], words),
            error=error,
            email=(form or {}).get("email", session["customer_email"] or ""),
            ask_email=session["customer"] is None,
        )

    def _closed(self, request: Request, session: Json | None) -> Response:
        if session is None or session["status"] == "open":
            return self._note(request, "not_found", 404)
        return self._note(request, f"session_{session['status']}", 410, session)

    def _returned(self, request: Request, intent: Json, outcome: str) -> Response:
        """Back to the `return_url` of an intent that no session owns."""
        if intent["_return_url"] is None:
            return self._note(request, "authenticated", 200)
        joint = "&" if "?" in intent["_return_url"] else "?"
        told = urlencode(
            {
                intent["object"]: intent["id"],
                f"{intent['object']}_client_secret": intent["client_secret"],
                "redirect_status": outcome,
            }
        )
        return _see_other(f"{intent['_return_url']}{joint}{told}")

    def _note(
        self, request: Request, text: str, status: int, session: Json | None = None
    ) -> Response:
        words = _words(request, session)
        return self._page("note.html", words, status, text=words[text])

    def _page(
        self, template: str, words: dict[str, str], status: int, **values: object
    ) -> Response:
        page = self._templates.get_template(template)
        html = page.render(words=words, merchant=MERCHANT, **values)
        return HTMLResponse(html, status, _HEADERS)


def form_fields(body: bytes) -> Form:
    """The fields of a posted form; what is no UTF-8 is replaced."""
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _words(request: Request, session: Json | None) -> dict[str, str]:
    locale = None if session is None else session["locale"]
    return texts(locale, request.headers.get("accept-language", ""))


def _see_other(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
