"""Where messages may go, whatever is known and wished for."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.notifications import CHANNELS, KINDS
from chalicelib.rules.receivers import NOTICES, Reader, Reason, Route, Wanted, route
from chalicelib.rules.sms_texts import LETTERS_ONLY
from chalicelib.shapes.letters import MessageKind

MINE, OTHER, PHONE = "a@home.example", "b@home.example", "+79000000001"

wanted = st.builds(
    Wanted,
    kind=st.sampled_from(MessageKind),
    channel=st.sampled_from(["email", "sms"]),
    to=st.sampled_from([None, MINE, OTHER]),
    sms_if_no_email=st.booleans(),
    asked_for=st.booleans(),
)
readers = st.builds(
    Reader,
    phone=st.just(PHONE),
    email=st.sampled_from([None, MINE]),
    email_confirmed=st.booleans(),
    email_stopped=st.booleans(),
    notifications=st.dictionaries(
        st.sampled_from(KINDS), st.lists(st.sampled_from(CHANNELS), unique=True)
    ),
    no_email_notices=st.booleans(),
)


@given(wanted, readers)
def test_a_letter_goes_only_to_the_readers_own_confirmed_address_that_takes_letters(
    message: Wanted, reader: Reader
) -> None:
    way = route(message, reader)

    if message.kind is MessageKind.EMAIL_CHANGED and message.channel == "email":
        former = Reason.NO_ADDRESS if message.to is None else Route("email", message.to)
        assert way == former  # the one that is told that it is none any more
    elif isinstance(way, Route) and way.channel == "email":
        assert way.to == reader.email
        assert not reader.email_stopped
        assert reader.email_confirmed or message.kind is MessageKind.EMAIL_CONFIRMATION


@given(wanted, readers)
def test_a_notice_goes_only_by_a_channel_that_was_chosen_or_asked_for(
    message: Wanted, reader: Reader
) -> None:
    way = route(message, reader)

    if isinstance(way, Route) and message.kind in NOTICES and not message.asked_for:
        chosen = reader.notifications.get(NOTICES[message.kind], ["email", "push"])
        fallen_back = way.channel == "sms" and message.sms_if_no_email and "email" in chosen
        assert way.channel in chosen or fallen_back
        assert way.channel != "email" or not reader.no_email_notices


@given(wanted, readers)
def test_no_link_or_receipt_goes_by_sms(message: Wanted, reader: Reader) -> None:
    way = route(message, reader)

    if isinstance(way, Route) and way.channel == "sms":
        assert message.kind not in LETTERS_ONLY


@given(wanted)
def test_a_client_who_is_gone_gets_nothing(message: Wanted) -> None:
    assert route(message, None) is Reason.NO_CLIENT


def test_word_of_access_reaches_whoever_can_be_reached() -> None:
    reader = Reader(PHONE, MINE, email_confirmed=True, notifications=dict.fromkeys(KINDS, ()))

    for kind in set(MessageKind) - set(NOTICES):
        assert route(Wanted(kind, to=MINE), reader) == Route("email", MINE)
