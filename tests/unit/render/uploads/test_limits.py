"""Whatever could come instead: Slack's limits are kept."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.forms.upload import Prefill, ask
from bot.kickscale.binding import operations
from bot.kickscale.binding.operations import Field
from bot.model.conversation import Conversation
from bot.model.upload_form import CommonDetails, RecordingDetails
from bot.model.uploads import ChannelUploads, OfferedFile, Progress, Upload
from bot.render.uploads import offers
from bot.render.uploads.form import form_view
from bot.render.uploads.progress import known_message, upload_message, uploads_status_message
from tests.unit.render import samples
from tests.unit.render.samples import TEXTS
from tests.unit.render.slack_rules import check_message, check_view
from tests.unit.render.uploads.samples import offer, sizes, uploads, users

hostile = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
offered = st.builds(OfferedFile, st.just("F1"), samples.texts, sizes)
progresses = st.builds(
    Progress,
    sent=sizes,
    size=sizes,
    rate=st.none() | st.floats(),
    left=st.none() | st.floats(),
    place=st.integers(-1, 10**9),
    step=st.sampled_from(("queued", "checking", "sending", "asking", "retrying")),
    again_at=samples.moments,
    why=st.just("unavailable") | samples.texts,
)


@hostile
@given(uploads, st.none() | progresses, st.none() | samples.conversations, st.none() | uploads, samples.templates)
def test_an_upload_keeps_slacks_limits(
    upload_: Upload, progress: Progress | None, call: Conversation | None, first: Upload | None, template: str
) -> None:
    """Whatever the file is called and whatever the API says."""
    check_message(upload_message(TEXTS, upload_, progress, call, first, link_template=template))
    check_message(known_message(TEXTS, upload_))


@hostile
@given(st.lists(offered, min_size=1, max_size=12), st.lists(uploads, max_size=30), users)
def test_offers_and_status_keep_slacks_limits(shared: list[OfferedFile], several: list[Upload], by: str) -> None:
    """Many files, and long names."""
    check_message(offers.offer_message(TEXTS, offer(*shared)))
    check_message(offers.declined_message(TEXTS, offer(*shared), by=by))
    check_message(uploads_status_message(TEXTS, ChannelUploads("C1"), several, {}))


@hostile
@given(
    st.lists(
        st.builds(RecordingDetails, offered, samples.texts, samples.moments, st.none() | st.floats()),
        min_size=1,
        max_size=10,
    ),
    st.builds(CommonDetails, samples.texts, samples.texts, st.just("U1"), samples.texts, samples.texts, samples.texts),
    st.lists(
        st.builds(
            Field,
            st.sampled_from(("name", "date", "duration", "domain", "userEmail", "direction", "language"))
            | samples.texts,
            st.sampled_from(("string", "integer", "boolean", "array")),
            st.booleans(),
            samples.texts,
            st.lists(samples.texts, max_size=4).map(tuple),
            st.sampled_from(("", "date-time")),
        ),
        unique_by=lambda field: field.name,
        max_size=12,
    ),
)
def test_a_form_keeps_slacks_limits(known: list[RecordingDetails], shared: CommonDetails, asked: list[Field]) -> None:
    """Whatever the document calls its fields and options, and whatever the recordings are called."""
    operation = operations.Upload("/calls", fields=tuple(asked))
    check_view(form_view(TEXTS, ask(Prefill("o-1", tuple(known), operation, shared))))
