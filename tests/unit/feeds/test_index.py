"""Atom and RSS indexes of CAP messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.index import ATOM, MOST_ENTRIES, entries, is_index
from feeds.markup import Element, parse
from tests.fakes.shared import real_examples


def root(text: str) -> Element:
    return parse(text.encode(), 2**22)


def shared(name: str) -> Element:
    folder = real_examples("messages/cap")
    if folder is None:
        pytest.skip(f"../shared is not here: {name} is not read")
    return parse((folder / name).read_bytes(), 2**22)


@pytest.mark.parametrize(
    ("name", "number", "first"),
    [
        ("earthquake_index.atom", 1, "http://earthquake.usgs.gov/earthquakes/catalogs/cap/us2010apcd"),
        ("nws_atom_feed_example.xml", 163, "https://alerts.weather.gov/cap/wwacapget.php?x=AK125AB652A170"),
        ("ny_index.rss", 2, "http://www.nyalert.gov/Public/News/GetCapAlert.aspx?capID=NYAlert-ALLHAZALERT-3167113"),
        ("weather.atom", 1, "http://www.weather.gov/alerts-beta/wwacapget.php?x=DC20120829202900LWXAirQualityAlert"),
    ],
)
def test_the_shared_indexes_name_their_messages(name: str, number: int, first: str) -> None:
    index = shared(name)
    assert is_index(index)
    found = entries(index, "http://base.example/")
    assert len(found) == number
    assert found[0].address.startswith(first)
    assert len({one.state for one in found}) == number


def test_a_message_may_stand_in_the_index_itself() -> None:
    assert [one.inside is not None for one in entries(shared("weather.atom"), "http://base.example/")] == [True]


def test_links_are_of_the_message_and_absolute() -> None:
    links = '<link rel="self" href="s"/><link href="page"/><link rel="related" type="application/cap+xml" href="m/1"/>'
    index = root(f'<feed xmlns="{ATOM}"><entry><id>1</id>{links}</entry><entry><id>2</id></entry></feed>')
    assert [one.address for one in entries(index, "https://a.vn/cap/index.xml")] == ["https://a.vn/cap/m/1"]
    item = "<item><link> ../b </link><guid>1</guid></item>"
    feed = root(f"<rss><channel>{item}{item}</channel></rss>")
    assert [one.address for one in entries(feed, "https://a.vn/cap/index.xml")] == ["https://a.vn/b"]


PARTS = st.recursive(
    st.sampled_from(["", "http://a.vn/1", "//[", "\u00e9", "2026"]),
    lambda inner: st.builds(
        lambda name, parts: f'<{name} href="x" type="application/cap+xml">{"".join(parts)}</{name}>',
        st.sampled_from(["entry", "item", "channel", "link", "id", "updated", "guid", "content", "alert"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(st.lists(PARTS, max_size=5), st.sampled_from([f'feed xmlns="{ATOM}"', "rss"]))
def test_whatever_an_index_holds_is_read(parts: list[str], kind: str) -> None:
    index = root(f"<{kind}>{''.join(parts)}</{kind.split()[0]}>")
    assert is_index(index)
    assert all(one.address or one.inside is not None for one in entries(index, "http://base.vn/x"))


def test_an_index_is_bounded_and_nothing_else_is_one() -> None:
    items = "".join(f"<item><link>http://a.vn/{number}</link></item>" for number in range(MOST_ENTRIES + 5))
    assert len(entries(root(f"<rss><channel>{items}</channel></rss>"), "http://a.vn")) == MOST_ENTRIES
    for text in ("<feed/>", "<alert/>", "<html/>", '<rss xmlns="urn:x"/>'):
        assert not is_index(root(text))
    assert entries(root("<rss/>"), "") == []
