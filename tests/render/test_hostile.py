"""Whatever the API, a person or Slack brings: every payload stays within Slack's limits and syntax."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import errors
from bot.errors import BotError, GoneError
from bot.models import Answer, Conversation, ListCommand
from bot.render import details, help, lists, recording, share, status, transcript  # noqa: A004
from bot.render.errors import error_message
from bot.render.views import as_view
from tests.clock import MONDAY_MORNING
from tests.render import samples
from tests.render.samples import TEXTS, question
from tests.render.slack_rules import check_message, check_view

hostile = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


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
    check_view(details.details_view(TEXTS, conversation, with_transcript=whole, link_template=template))
    message = details.details_message(
        TEXTS, conversation, question_id="q-1", with_transcript=whole, link_template=template
    )
    check_message(message)
    check_view(as_view(TEXTS, message))
    check_message(share.shared_conversation(TEXTS, conversation, shared_by="U1", link_template=template))


@hostile
@given(samples.conversations)
def test_files_and_links_bear_anything(conversation: Conversation) -> None:
    """A transcript is UTF-8 under a safe name, and a recording's link is a good one or none."""
    try:
        transcript.transcript_text(TEXTS, conversation).encode("utf-8")
        check_view(recording.recording_view(TEXTS, conversation, asked_at=MONDAY_MORNING))
    except GoneError as error:
        check_message(error_message(TEXTS, error, "ab12"))
    name = transcript.file_name(conversation)
    assert len(name) <= 100
    assert not set(name) & set('/\\:*?"<>|\0\n ')


raised = st.one_of(
    st.builds(
        errors.CommandError,
        samples.texts,
        st.sampled_from(("command", "word", "date_zero")) | samples.texts,
        st.dictionaries(st.sampled_from(("word", "first", "command")), samples.texts),
        st.none() | samples.texts,
        st.none() | samples.texts,
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
    """Every error, as a message and as a modal, is told by the id of its first block."""
    message = error_message(TEXTS, error, reference)
    view = as_view(TEXTS, message)
    check_message(message)
    check_view(view)
    assert message["blocks"][0]["block_id"] == view["blocks"][0]["block_id"] == "error"


@hostile
@given(samples.texts)
def test_help_and_status_keep_slacks_limits(text: str) -> None:
    """Help on anything, and a state of odd values."""
    check_message(help.help_message(TEXTS, text, samples.WORKING))
    check_message(help.not_yet_message(TEXTS, text))
    state = status.Status(text, "socket", text, "default", queues={text: 10**9}, key_days_left=-1)
    check_message(status.status_message(TEXTS, state))
