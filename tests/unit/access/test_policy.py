"""Who may have what: every kind of person, channel and capability under person setting, from the setting's own text."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.policy import Policy, bare, impersonal, public
from bot.config.settings import Settings
from bot.errors import ConfigError
from bot.model.access import Capability, Refusal
from bot.model.conversation import Conversation, Kind, Metric, Owner, Participant, Scope
from bot.model.people import Listeners, Person, Viewer
from tests.unit.render.samples import TEXTS, conversation

LETTERS = {
    "C": Capability.CONVERSATIONS,
    "I": Capability.INTERNAL,
    "T": Capability.TRANSCRIPT,
    "R": Capability.RECORDING,
    "E": Capability.EMAIL_DRAFT,
    "M": Capability.METRICS,
    "S": Capability.SHARE,
    "B": Capability.SUBSCRIBE,
    "U": Capability.UPLOAD,
}
OF_A_CONVERSATION = set(LETTERS.values()) - {Capability.SUBSCRIBE, Capability.UPLOAD}

OWNER = Person("U0OWNER", "T1", email="owner@example.com")
TOOK_PART = Person("U0TOOK", "T1", email="took@example.com")
MEMBER = Person("U0MEMBER", "T1", email="member@example.com")
LISTED = Person("U0LISTED", "T1", email="listed@example.com")
ADMIN = Person("U0ADMIN", "T1", email="admin@example.com")
NO_ADDRESS = Person("U0NONE", "T1")
NOBODY = {
    "guest": replace(OWNER, id="U0GUEST", is_guest=True),
    "outside": replace(OWNER, id="U0OUT", is_outside=True),
    "deactivated": replace(OWNER, id="U0GONE", is_deleted=True),
    "bot": replace(OWNER, id="U0BOT", is_bot=True),
}
"""People who get nothing, even if the conversation is theirs and they are admins or listed."""
GROUP = "S0LISTED"

EXTERNAL = Conversation(
    "c1",
    Kind.CALL,
    owner=Owner(email="Owner@example.com"),
    participants=(Participant(email="took@example.com"), Participant(email="kim@acme.com")),
    customer_domains=("acme.com",),
)
OTHERS = replace(EXTERNAL, id="c2", customer_domains=("example.org",))
INTERNAL = replace(EXTERNAL, id="c3", customer_domains=(), is_internal=True)

ALLOWED, BOUND, FREE, DIRECT, UNKNOWN = "C0ALLOWED", "C0BOUND", "C0FREE", "D0DIRECT", ""
CHANNELS = (ALLOWED, BOUND, FREE, DIRECT, UNKNOWN)

# Setting, channels, and what people may have there: the owner of the conversation, a participant, any other member, a
# listed person, an admin, and a person without an e-mail address. All others get nothing anywhere.
TABLE = """
                                  | all       | CITREMSBU | CITRESBU  | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
admins=U0ADMIN                    | all       | CITREMSBU | CITRESBU  | CTRSBU   | CTRSBU   | CITRESBU | CTRSBU
allowed_users=U0LISTED            | all       |           |           |          | CTRSBU   |          |
allowed_groups=S0LISTED           | all       |           |           |          | CTRSBU   |          |
allowed_users=U0OWNER,U0TOOK      | all       | CITREMSBU | CITRESBU  |          |          |          |
allowed_channels=C0ALLOWED        | C0ALLOWED | CITREMSBU | CITRESBU  | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
allowed_channels=C0ALLOWED        | others    |           |           |          |          |          |
channel_domains=C0BOUND=acme.com  | C0BOUND   | CTREMSBU  | CTRESBU   | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
channel_domains=C0BOUND=acme.com  | others    | CITREMSBU | CITRESBU  | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
channel_domains=C0BOUND=globex.io | C0BOUND   | BU        | BU        | BU       | BU       | BU       | BU
visibility=kickscale              | all       | CITREMSBU | CITRESBU  | BU       | BU       | BU       | BU
visibility=kickscale admins=U0ADMIN | all     | CITREMSBU | CITRESBU  | BU       | BU       | CITRESBU | BU
internal_for=all                  | all       | CITREMSBU | CITRESBU  | CITRSBU  | CITRSBU  | CITRSBU  | CITRSBU
internal_for=nobody               | all       | CTREMSBU  | CTRESBU   | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
internal_for=admins admins=U0ADMIN | all      | CTREMSBU  | CTRESBU   | CTRSBU   | CTRSBU   | CITRESBU | CTRSBU
internal_for=self                 | all       | CITREMSBU | CTRESBU   | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
internal_for=S0LISTED             | all       | CTREMSBU  | CTRESBU   | CTRSBU   | CITRSBU  | CTRSBU   | CTRSBU
transcripts_for=nobody            | all       | CIREMSBU  | CIRESBU   | CRSBU    | CRSBU    | CRSBU    | CRSBU
transcripts_for=own               | all       | CITREMSBU | CITRESBU  | CRSBU    | CRSBU    | CRSBU    | CRSBU
transcripts_for=own admins=U0ADMIN | all      | CITREMSBU | CITRESBU  | CRSBU    | CRSBU    | CITRESBU | CRSBU
transcripts_for=self              | all       | CITREMSBU | CIRESBU   | CRSBU    | CRSBU    | CRSBU    | CRSBU
transcripts_for=U0LISTED          | all       | CIREMSBU  | CIRESBU   | CRSBU    | CTRSBU   | CRSBU    | CRSBU
transcripts_for=own,S0LISTED      | all       | CITREMSBU | CITRESBU  | CRSBU    | CTRSBU   | CRSBU    | CRSBU
recordings_for=nobody             | all       | CITEMSBU  | CITESBU   | CTSBU    | CTSBU    | CTSBU    | CTSBU
recordings_for=admins admins=U0ADMIN | all    | CITEMSBU  | CITESBU   | CTSBU    | CTSBU    | CITRESBU | CTSBU
email_drafts_for=all              | all       | CITREMSBU | CITRESBU  | CTRESBU  | CTRESBU  | CTRESBU  | CTRESBU
email_drafts_for=self             | all       | CITREMSBU | CITRSBU   | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
coaching_metrics=self admins=U0ADMIN | all    | CITREMSBU | CITRESBU  | CTRSBU   | CTRSBU   | CITRESBU | CTRSBU
coaching_metrics=nobody           | all       | CITRESBU  | CITRESBU  | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
coaching_metrics=own              | all       | CITREMSBU | CITREMSBU | CTRSBU   | CTRSBU   | CTRSBU   | CTRSBU
coaching_metrics=U0LISTED         | all       | CITRESBU  | CITRESBU  | CTRSBU   | CTRMSBU  | CTRSBU   | CTRSBU
sharing_for=nobody                | all       | CITREMBU  | CITREBU   | CTRBU    | CTRBU    | CTRBU    | CTRBU
sharing_for=admins admins=S0LISTED | all      | CITREMBU  | CITREBU   | CTRBU    | CITRESBU | CTRBU    | CTRBU
subscriptions_for=admins,U0LISTED | all       | CITREMSU  | CITRESU   | CTRSU    | CTRSBU   | CTRSU    | CTRSU
uploads_for=nobody                | all       | CITREMSB  | CITRESB   | CTRSB    | CTRSB    | CTRSB    | CTRSB
"""


def rows() -> Iterator[tuple[str, str, list[str]]]:
    for line in TABLE.strip("\n").splitlines():
        setting, channels, *expected = (cell.strip() for cell in line.split("|"))
        assert len(expected) == 6
        yield setting, channels, expected


def policy(setting: str) -> Policy:
    return Policy(Settings.explicit(**dict(part.partition("=")[::2] for part in setting.split())).access_rules())


def verdict(rules: Policy, viewer: Viewer, capability: Capability) -> bool:
    """Judge as Access does: whether they may ask for it, see the conversation, and have the capability for it."""
    if rules.refusal(viewer, capability):
        return False
    about = INTERNAL if capability is Capability.INTERNAL else EXTERNAL
    return capability not in OF_A_CONVERSATION or (
        not rules.why_hidden(viewer, about) and rules.has(viewer, capability, about)
    )


def letters_of(rules: Policy, person: Person, channel: str) -> set[str]:
    viewer = Viewer(person, channel, frozenset({GROUP} if person is LISTED else ()))
    return {letter for letter, capability in LETTERS.items() if verdict(rules, viewer, capability)}


@pytest.mark.parametrize(("setting", "channels", "expected"), list(rows()))
def test_every_person_channel_and_capability_under_each_setting(
    setting: str, channels: str, expected: list[str]
) -> None:
    """The table says who may have what. People who aren't full members have nothing, whatever the settings say."""
    rules = policy(setting)
    named = {name for name in CHANNELS if name and name in setting}
    wanted = {"all": set(CHANNELS), "others": set(CHANNELS) - named}.get(channels, {channels})
    for channel in wanted:
        people = (OWNER, TOOK_PART, MEMBER, LISTED, ADMIN, NO_ADDRESS)
        assert [letters_of(rules, person, channel) for person in people] == [set(letters) for letters in expected], (
            channel
        )
        for person in NOBODY.values():
            widest = Policy(replace(rules.rules, admins=rules.rules.admins | {person.id}))
            assert letters_of(widest, person, channel) == set()
            assert letters_of(rules, person, channel) == set()


@pytest.mark.parametrize("setting", sorted({setting for setting, _, _ in rows()}))
def test_a_list_that_hides_nothing_has_only_what_the_person_may_see(setting: str) -> None:
    """Whatever it has: of the wanted domains and the scope."""
    rules = policy(setting)
    for person, channel, wanted, scope in product(
        (OWNER, MEMBER, LISTED, ADMIN), CHANNELS, ((), ("acme.com",), ("example.org",)), Scope
    ):
        viewer = Viewer(person, channel, frozenset({GROUP} if person is LISTED else ()))
        listed = [about for about in (EXTERNAL, OTHERS, INTERNAL) if about.is_internal <= (scope is not Scope.EXTERNAL)]
        matching = [about for about in listed if not wanted or set(wanted) & set(about.customer_domains)]
        if rules.hides_none(viewer, wanted, scope):
            assert not any(rules.why_hidden(viewer, about) for about in matching)


@pytest.mark.parametrize(
    ("setting", "person", "channel", "expected"),
    [
        ("", MEMBER, FREE, [Scope.EXTERNAL]),
        ("admins=U0ADMIN", ADMIN, FREE, list(Scope)),
        ("internal_for=all", MEMBER, FREE, list(Scope)),
        ("internal_for=self admins=U0ADMIN", ADMIN, FREE, [Scope.EXTERNAL]),
        ("internal_for=U0MEMBER", MEMBER, FREE, list(Scope)),
        ("visibility=kickscale admins=U0ADMIN", ADMIN, FREE, []),
        ("channel_domains=C0BOUND=acme.com", MEMBER, BOUND, [Scope.EXTERNAL]),
        ("channel_domains=C0BOUND=globex.io", MEMBER, BOUND, []),
    ],
)
def test_lists_hide_something_if_that_depends_on_the_conversation(
    setting: str, person: Person, channel: str, expected: list[Scope]
) -> None:
    """Whose it is, or whether it is about the channel's customers."""
    rules = policy(setting)
    viewer = Viewer(person, channel)
    assert [scope for scope in Scope if rules.hides_none(viewer, ("acme.com",), scope)] == expected


@pytest.mark.parametrize(("person", "reason"), [(person, name) for name, person in NOBODY.items()])
def test_a_refusal_says_why(person: Person, reason: str) -> None:
    """It names the first reason."""
    assert policy("").refusal(Viewer(person, FREE), Capability.CONVERSATIONS) == reason


@pytest.mark.parametrize("refusal", sorted({*get_args(Refusal)} - {"not_email_draft", "not_metrics"}))
def test_every_refusal_has_a_text(refusal: str) -> None:
    """Except for those parts of an answer that are left out silently."""
    assert TEXTS(f"access.{refusal}", domains="acme.com")


def test_a_bound_channel_is_only_about_its_customers() -> None:
    """Typed domains have to be among them; without one, the list is about all of them."""
    settings = Settings.explicit(channel_domains="C0BOUND=acme.com,*.globex.io C0OTHER=example.org")
    rules = Policy(settings.access_rules())
    assert rules.narrow_domains("C0BOUND", ()) == ("acme.com", "*.globex.io")
    assert rules.narrow_domains("C0BOUND", ("acme.com", "eu.globex.io")) == ("acme.com", "eu.globex.io")
    assert rules.narrow_domains("C0BOUND", ("*.eu.globex.io",)) == ("*.eu.globex.io",)
    for wanted in (("acme.com", "example.org"), ("*.acme.com",), ("*",), ("*.io",)):
        assert rules.narrow_domains("C0BOUND", wanted) is None
    assert rules.narrow_domains("C0FREE", ("example.org",)) == ("example.org",)
    viewer = Viewer(OWNER, "C0BOUND")
    assert not rules.why_hidden(viewer, EXTERNAL)
    assert rules.why_hidden(viewer, OTHERS) == "bound"
    assert not rules.why_hidden(replace(viewer, channel="C0FREE"), OTHERS)


@pytest.mark.parametrize("person", [OWNER, TOOK_PART, MEMBER, ADMIN])
def test_only_the_owner_sees_figures_about_themselves(person: Person) -> None:
    """And nobody else's talk share. Everybody else sees no figures."""
    original = conversation(
        owner=Owner("7", "Robin Rep", "owner@example.com"),
        participants=(
            Participant("Robin Rep", "owner@example.com", 0.4),
            Participant("Toni Took", "took@example.com", 0.35),
            Participant("Kim", "kim@acme.com", 0.25),
        ),
    )
    seen = policy("admins=U0ADMIN").redact(Viewer(person, FREE), original)
    if person is OWNER:
        assert seen.metrics == (Metric("Words per minute", "140"),)
        assert (seen.rating, seen.feedback) == (original.rating, original.feedback)
        assert [participant.talk_share for participant in seen.participants] == [0.4, None, None]
    else:
        assert (seen.metrics, seen.rating, seen.feedback) == ((), "", "")
        assert not any(participant.talk_share for participant in seen.participants)


def test_a_channel_is_shown_nothing_personal() -> None:
    """No figures, transcript, recording or draft; without content, no name and no word either."""
    original = conversation()
    shown = public(original)
    assert shown == replace(impersonal(original), transcript=(), recording_url="", email_draft=None)
    assert (shown.metrics, shown.rating, shown.feedback) == ((), "", "")
    empty = Conversation(original.id, original.kind, starts_at=original.starts_at, is_withheld=True)
    assert bare(original) == empty


# ---- who is in the channel -------------------------------------------------------------------------------------------

GUEST, OUTSIDE = NOBODY["guest"], NOBODY["outside"]


@pytest.mark.parametrize(
    ("setting", "listeners", "expected"),
    [
        ("", Listeners((MEMBER, OWNER)), ("post", "")),
        ("", Listeners(()), ("post", "")),
        ("", Listeners((MEMBER, GUEST)), ("hold", "guest")),
        ("", Listeners((MEMBER, OUTSIDE)), ("hold", "outside")),
        ("", Listeners((MEMBER,), is_shared=True), ("hold", "shared")),
        ("guests_listening=post", Listeners((MEMBER, GUEST)), ("post", "")),
        ("guests_listening=bare", Listeners((MEMBER, GUEST)), ("bare", "guest")),
        ("guests_listening=bare", Listeners((MEMBER, GUEST, OUTSIDE)), ("hold", "outside")),
        ("guests_listening=post", Listeners((MEMBER,), is_shared=True), ("hold", "shared")),
        ("outsiders_listening=post", Listeners((MEMBER, GUEST, OUTSIDE), is_shared=True), ("hold", "guest")),
        ("outsiders_listening=bare", Listeners((MEMBER, OUTSIDE), is_shared=True), ("bare", "shared")),
        ("outsiders_listening=post guests_listening=post", Listeners((GUEST, OUTSIDE), is_shared=True), ("post", "")),
    ],
)
def test_the_audience_decides_what_is_posted(setting: str, listeners: Listeners, expected: tuple[str, str]) -> None:
    """The strictest of the rules that apply."""
    show, why = policy(setting).channel_rule(listeners)
    assert (show, why or "") == expected


def test_with_kickscales_visibility_a_channel_sees_what_everybody_in_it_may() -> None:
    """One person who didn't take part is enough to withhold a conversation."""
    rules = policy("visibility=kickscale admins=U0ADMIN")
    assert rules.may_all_see(Listeners((OWNER, TOOK_PART, ADMIN)), EXTERNAL)
    assert not rules.may_all_see(Listeners((OWNER, MEMBER)), EXTERNAL)
    assert not rules.may_all_see(Listeners((OWNER, NO_ADDRESS)), EXTERNAL)
    assert policy("").may_all_see(Listeners((OWNER, MEMBER)), EXTERNAL)


def test_a_channel_sees_an_internal_conversation_if_everybody_in_it_may() -> None:
    """By default these are the people who took part, and admins."""
    rules = policy("admins=U0ADMIN")
    assert rules.may_all_see(Listeners((OWNER, TOOK_PART, ADMIN)), INTERNAL)
    assert not rules.may_all_see(Listeners((OWNER, MEMBER)), INTERNAL)
    assert policy("internal_for=all").may_all_see(Listeners((OWNER, MEMBER)), INTERNAL)
    assert not policy("internal_for=nobody").may_all_see(Listeners((OWNER,)), INTERNAL)


# ---- the settings' words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed_users", "robin.rep"),
        ("allowed_users", "S0123456789"),
        ("allowed_groups", "U0123456789"),
        ("allowed_channels", "#sales-acme"),
        ("admins", "U0123456789 and S0123456789"),
        ("channel_domains", "C0123456789"),
        ("channel_domains", "C0123456789=acme"),
        ("channel_domains", "sales=acme.com"),
        ("channel_domains", "C0123456789=acme.com C0123456789=example.com"),
        ("visibility", "everything"),
        ("internal_for", "everybody"),
        ("transcripts_for", "nobody, admins"),
        ("coaching_metrics", "self all"),
        ("sharing_for", "own"),
        ("subscriptions_for", "self"),
        ("uploads_for", "own"),
        ("guests_listening", "yes"),
        ("outsiders_listening", "all"),
    ],
)
def test_a_bad_value_is_a_config_error(name: str, value: str) -> None:
    """In a line that names the setting."""
    with pytest.raises(ConfigError, match=f"^{name.upper()} (must|contains|.*nobody)"):
        Settings.explicit(**{name: value})


@given(st.text(max_size=60), st.sampled_from(["internal_for", "sharing_for", "admins", "channel_domains"]))
def test_no_value_gives_access_by_accident(text: str, name: str) -> None:
    """Whatever is typed, guests get nothing, and mistakes are errors."""
    try:
        rules = Policy(Settings.explicit(**{name: text}).access_rules())
    except ConfigError:
        return
    for person in NOBODY.values():
        assert letters_of(rules, person, FREE) == set()


@pytest.mark.parametrize(
    ("address", "other", "is_same"),
    [
        ("Robin.Rep@Example.COM", "robin.rep@example.com", True),
        ("MÜLLER@bücher.de", "müller@bücher.de", True),
        ("groß.sam@example.com", "gross.sam@example.com", False),
        ("GROSS.sam@example.com", "groß.sam@example.com", False),
        ("\u212aim@example.com", "kim@example.com", False),  # the Kelvin sign
        ("\u017fam@example.com", "sam@example.com", False),  # the long s
        ("ﬁn@example.com", "fin@example.com", False),
        ("İnci@example.com", "inci@example.com", False),
        ("", "", False),
    ],
)
def test_an_address_is_its_owners_only(address: str, other: str, is_same: bool) -> None:
    """Letters are the same in both cases, and never two letters the same as one other."""
    rules = policy("visibility=kickscale")
    owned = replace(EXTERNAL, owner=Owner(email=other), participants=())
    joined = replace(EXTERNAL, owner=Owner(), participants=(Participant(email=other),))
    viewer = Viewer(replace(MEMBER, email=address), channel=FREE)
    for conversation_ in (owned, joined):
        assert bool(rules.why_hidden(viewer, conversation_)) is not is_same
