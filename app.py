"""The application: every door, registered. Each Lambda function imports this same file."""

from chalice.app import Chalice

from chalicelib.handlers.accounts import accounts
from chalicelib.handlers.autopay import autopay
from chalicelib.handlers.autopay_cron import autopay_cron
from chalicelib.handlers.autopay_worker import autopay_worker
from chalicelib.handlers.bills import bills
from chalicelib.handlers.cards import cards
from chalicelib.handlers.connections import connections
from chalicelib.handlers.edge import refuse_other_methods
from chalicelib.handlers.exports import exports
from chalicelib.handlers.imports import imports
from chalicelib.handlers.mail_events import mail_events
from chalicelib.handlers.message_sweeper import message_sweeper
from chalicelib.handlers.message_worker import message_worker
from chalicelib.handlers.meters import meters
from chalicelib.handlers.payment_worker import payment_worker
from chalicelib.handlers.payments import payments
from chalicelib.handlers.profile import profile
from chalicelib.handlers.reconciliation import reconciliation
from chalicelib.handlers.reminders import reminders
from chalicelib.handlers.service import service
from chalicelib.handlers.signin import signin
from chalicelib.handlers.stripe_webhook import stripe_webhook

app = Chalice(app_name="lkk")
app.register_blueprint(service)
app.register_blueprint(signin)
app.register_blueprint(profile)
app.register_blueprint(accounts)
app.register_blueprint(bills)
app.register_blueprint(connections)
app.register_blueprint(meters)
app.register_blueprint(payments)
app.register_blueprint(stripe_webhook)
app.register_blueprint(payment_worker)
app.register_blueprint(cards)
app.register_blueprint(autopay)
app.register_blueprint(autopay_cron)
app.register_blueprint(autopay_worker)
app.register_blueprint(reconciliation)
app.register_blueprint(message_worker)
app.register_blueprint(message_sweeper)
app.register_blueprint(mail_events)
app.register_blueprint(reminders)
app.register_blueprint(imports)
app.register_blueprint(exports)

refuse_other_methods(app)
