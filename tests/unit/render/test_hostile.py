"""Whatever the API, a person or Slack brings: every payload stays within Slack's limits and syntax."""

import random
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import errors
from bot.errors import BotError, GoneError
from bot.kickscale.records import parsing
from bot.model.commands import ListCommand
from bot.model.conversation import Conversation, Kind
from bot.model.digests import Digest, Subscription
from bot.model.explanation import Explanation
from bot.model.questions import Answer
from bot.model.status import Status
from bot.model.uploads import Attestation, Upload, UploadState
from bot.render.commands import help  # noqa: A004
from bot.render.conversations import card_message, details, lists, recording, share, transcript
from bot.render.digests import digest
from bot.render.digests.why import why_message
from bot.render.errors import error_message
from bot.render.kit.limits import Payload
from bot.render.kit.views import as_view
from bot.render.operations import status
from bot.render.uploads.progress import known_message, upload_message
from bot.sandbox.slack.mrkdwn import mentions_in
from tests.clock import MONDAY_MORNING
from tests.unit.render import hostile as records
from tests.unit.render import samples
from tests.unit.render.samples import TEXTS, hostile, question
from tests.unit.render.slack_rules import check_message, check_view, texts_in


@hostile
@given(samples.commands, samples.pages(), samples.templates)
def test_lists_keep_slacks_limits(command: ListCommand, page: Answer, template: str) -> None:
    """A page of a list, its shared form, and an empty one."""
    asked = question(command)
    check_message(lists.list_message(TEXTS, asked, page, link_template=template))
    check_message(share.shared_list(TEXTS, asked, page, shared_by="U1", link_template=template))


@hostile
@given(samples.conversations, st.booleans(), samples.templates)
def test_details_keep_slacks_limits(conversation: Conversation, whole: bool, template: str) -> None:
    """One conversation as a modal, as a message, and as a card."""
    check_view(
        details.details_view(TEXTS, conversation, question_id="q-1", with_transcript=whole, link_template=template)
    )
    message = details.details_message(
        TEXTS, conversation, question_id="q-1", with_transcript=whole, link_template=template
    )
    check_message(message)
    check_view(as_view(TEXTS, message))
    check_message(share.shared_conversation(TEXTS, conversation, shared_by="U1", link_template=template))


@hostile
@given(samples.conversations)
def test_transcripts_and_recording_links_are_safe_for_any_record(conversation: Conversation) -> None:
    """A transcript is UTF-8 with a safe file name, and a recording's link is valid or missing."""
    try:
        transcript.transcript_text(TEXTS, conversation).encode("utf-8")
        check_view(recording.recording_view(TEXTS, conversation, asked_at=MONDAY_MORNING))
    except GoneError as error:
        check_message(error_message(TEXTS, error, "ab12"))
    name = transcript.file_name(TEXTS, conversation)
    assert len(name) <= 100
    assert not set(name) & set('/\\:*?"<>|\0\n ')


raised = st.one_of(
    st.builds(
        errors.CommandError,
        samples.texts,
        st.sampled_from(("command", "word", "date_zero")) | samples.texts,
        st.dictionaries(st.sampled_from(("word", "first", "command")), samples.texts),
        suggestions=st.lists(st.builds(errors.Suggestion, samples.texts, samples.texts), max_size=5).map(tuple),
        example=st.none() | samples.texts,
    ),
    st.builds(errors.AccessDenied, samples.texts),
    st.builds(errors.ConfigError, samples.texts, samples.texts),
    st.builds(GoneError, st.sampled_from(("call", "question")) | samples.texts, samples.texts),
    st.builds(errors.RangeTooWide, st.none() | st.integers(0, 10**9), st.integers(1, 10_000)),
    st.builds(
        errors.RecordingRefused,
        st.sampled_from(("gone", "format", "too_large")) | samples.texts,
        samples.texts,
        st.dictionaries(st.just("limit"), samples.texts | st.just("9" * 400)),
    ),
    st.builds(errors.KickscaleRejected, st.integers(400, 499), samples.texts),
    st.builds(errors.KickscaleRateLimited, st.none() | st.floats(0, 1e6)),
    st.builds(errors.KickscaleUnavailable, st.none() | st.integers(500, 599)),
    st.builds(errors.KickscaleRedirected, samples.texts),
    st.builds(errors.KickscaleUnreadable, samples.texts),
    st.builds(errors.SlackError, samples.texts),
    st.builds(errors.NotInChannel, samples.texts),
    st.builds(ValueError, samples.texts),
)


@hostile
@given(raised, samples.texts)
def test_errors_keep_slacks_limits(error: BotError, reference: str) -> None:
    """As a message and as a modal, every error is recognised by the id of its first block."""
    message = error_message(TEXTS, error, reference)
    view = as_view(TEXTS, message)
    check_message(message)
    check_view(view)
    assert message["blocks"][0]["block_id"] == view["blocks"][0]["block_id"] == "error"


@hostile
@given(samples.texts)
def test_help_and_status_keep_slacks_limits(text: str) -> None:
    """Help on any topic, and a status with odd values."""
    check_message(help.help_message(TEXTS, text))
    state = Status(text, "socket", text, "default", queues={text: 10**9}, key_days_left=-1)
    check_message(status.status_message(TEXTS, state, is_admin=True))


# ---- from the API's JSON to every payload --------------------------------------------------------------------------

TEMPLATE = "https://app.example.com/{kind}/{id}"
_RAW = re.compile(rf"['\"]{records.UNKNOWN}\d+['\"]\s*:")
"""How an object looks that is shown as it came, in Python's writing or in JSON's. A metric's name is its key, bare."""


def payloads(conversation: Conversation) -> Iterator[Payload]:
    """Everything that a conversation is shown in, as messages and modals."""
    subscription = Subscription(
        "d1",
        "C1",
        timezone="UTC",
        created_by="U1",
        created_at=MONDAY_MORNING,
        due_after=MONDAY_MORNING,
        domains=(*conversation.customer_domains[:3], "acme.com"),
        since=MONDAY_MORNING,
    )
    day = MONDAY_MORNING.date()
    several = Digest(subscription, day, MONDAY_MORNING - timedelta(days=1), MONDAY_MORNING, (conversation,), 1.5, 60.0)
    upload = Upload(
        id=1,
        source="slack",
        name=conversation.name,
        size=1,
        fields={},
        external_id=conversation.id,
        attestation=Attestation("U1", MONDAY_MORNING),
        created_at=MONDAY_MORNING,
        state=UploadState.ANALYSED,
        call=conversation.id,
    )
    page = samples.answer((conversation, conversation), 2, latest=conversation)
    asked = question(samples.list_command(domains=conversation.customer_domains[:3]))
    yield lists.list_message(TEXTS, asked, page, link_template=TEMPLATE)
    yield lists.list_message(TEXTS, asked, samples.answer(latest=conversation), link_template=TEMPLATE)
    yield share.shared_list(TEXTS, asked, page, shared_by="U1", link_template=TEMPLATE)
    yield share.shared_conversation(TEXTS, conversation, shared_by="U1", link_template=TEMPLATE)
    yield details.details_view(TEXTS, conversation, question_id="q-1", with_transcript=True, link_template=TEMPLATE)
    yield details.details_message(TEXTS, conversation, question_id="q-1", with_transcript=True, link_template=TEMPLATE)
    yield card_message.card_message(TEXTS, conversation, link_template=TEMPLATE)
    yield card_message.private_card_message(TEXTS, conversation, "guest", "C1", link_template=TEMPLATE)
    yield from (part.payload for part in digest.digest_parts(TEXTS, several, link_template=TEMPLATE))
    yield from (part.payload for part in digest.thread_parts(TEXTS, several, link_template=TEMPLATE, without=()))
    yield digest.preview_message(TEXTS, several, link_template=TEMPLATE)
    yield digest.quiet_message(TEXTS, several)
    yield upload_message(TEXTS, upload, None, conversation, link_template=TEMPLATE)
    yield known_message(TEXTS, upload)
    yield why_message(TEXTS, Explanation(conversation.id, conversation, (), ()))
    yield error_message(TEXTS, errors.KickscaleRejected(400, conversation.name), "ab12")
    try:
        yield recording.recording_view(TEXTS, conversation, asked_at=MONDAY_MORNING)
        transcript.transcript_text(TEXTS, conversation).encode()
    except GoneError as error:
        yield error_message(TEXTS, error, "ab12")
    # What goes with a file is parsed as a message's text is.
    yield {"text": transcript.transcript_comment(TEXTS, conversation), "blocks": [{"type": "divider"}]}


def try_records(seed: int, count: int) -> None:
    rng = random.Random(seed)
    for number in range(count):
        record = records.record(rng)
        conversation = parsing.conversation(record, rng.choice((Kind.CALL, Kind.MEETING)))
        for payload in payloads(conversation) if conversation else ():
            try:
                (check_view if payload.get("type") == "modal" else check_message)(payload)
                assert set(mentions_in(payload)) <= {"<@U1>"}
                assert not any(_RAW.search(text) for text in texts_in(payload))
            except AssertionError as exc:
                exc.add_note(f"record {number} of seed {seed}: {record!r}")
                raise


def test_no_record_can_mention_break_or_leak() -> None:
    """Any JSON: no broadcast, no mention except of the person who shared, no forged link, no broken payload, no
    raw object. The full number of records is a soak test.
    """
    try_records(seed=6, count=100)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_none_of_fifty_thousand_records_does(seed: int) -> None:
    """Five thousand for every seed."""
    try_records(seed, 5_000)
