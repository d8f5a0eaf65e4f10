"""The cabinet offers the channels by which notices go out, and no others."""

import json

from chalicelib.rules.notifications import KINDS
from chalicelib.rules.receivers import NOTICES
from chalicelib.rules.sms_texts import LETTERS_ONLY
from local.engines import ROOT

OFFERED = ROOT / "web" / "src" / "domain" / "notices.json"


def test_the_cabinet_offers_each_kind_the_channels_that_it_goes_out_by() -> None:
    sent = {word: [kind for kind, its in NOTICES.items() if its == word] for word in KINDS}

    assert json.loads(OFFERED.read_text("utf-8")) == {
        word: ["email"] * bool(kinds) + ["sms"] * bool(set(kinds) - LETTERS_ONLY)
        for word, kinds in sent.items()
    }
