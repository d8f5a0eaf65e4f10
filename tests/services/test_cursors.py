"""Cursors: what was packed comes out, what was made up is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Code, Refused
from chalicelib.services import cursors

parts = st.lists(st.text(max_size=30), min_size=1, max_size=4)


@given(parts)
def test_a_cursor_brings_back_its_place(place: list[str]) -> None:
    cursor = cursors.pack(*place)

    assert cursors.unpack(cursor, len(place)) == tuple(place)
    assert cursor.isascii()
    with pytest.raises(Refused):
        cursors.unpack(cursor, len(place) + 1)


@given(st.text(max_size=60))
def test_any_text_is_a_place_or_refused_by_its_field(text: str) -> None:
    errors: list[tuple[str, Code]] = []
    try:
        place = cursors.unpack(text, 1)
    except Refused as refused:
        place = None
        errors = [(e.field, e.code) for e in refused.errors]

    if place is None:
        assert errors == [("cursor", Code.CURSOR_INVALID)]
    else:
        assert len(place) == 1


def test_no_cursor_is_the_beginning() -> None:
    assert cursors.unpack(None, 1) is None
