"""Every message, modal and error that people may see in Slack, in one language."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain, product
from string import Formatter
from typing import Any, get_args

from bot import errors, ids
from bot.commands.registry import COMMANDS, TOPICS
from bot.kickscale.uploading.fields import Meaning
from bot.model.audit import AuditKind, AuditRow
from bot.model.commands import DigestAddCommand, Filters, SearchCommand
from bot.model.conversation import Insight, Kind, Owner, Participant, Scope
from bot.model.digests import (
    ASKED,
    Digest,
    DigestPreview,
    Due,
    FormProblem,
    Retrial,
    Subscription,
    SubscriptionChange,
    Upcoming,
)
from bot.model.explanation import Explanation, Reason, Verdict
from bot.model.messages import Posted
from bot.model.mirror import Freshness, MirrorSize, MirrorState
from bot.model.search import Passage, Piece, SearchAnswer, SearchHit, Source
from bot.model.stats import (
    Aspect,
    Breakdown,
    Bucket,
    CustomerLine,
    CustomersAnswer,
    Share,
    Stats,
    Team,
    Unit,
    Usual,
)
from bot.model.status import Status
from bot.model.upload_form import Question, UploadForm, Widget
from bot.model.uploads import (
    ApiWords,
    Attestation,
    ChannelUploads,
    Failure,
    Host,
    Offer,
    OfferedFile,
    Progress,
    Upload,
    UploadMode,
    UploadState,
)
from bot.render.announcements import announcement_message, unannounced_message
from bot.render.commands import help, waiting  # noqa: A004
from bot.render.commands.start import Start, greeted_message, start_message
from bot.render.conversations import card_message, details, lists, recording, share, transcript
from bot.render.digests import digest, form, notices, subscriptions
from bot.render.digests.why import BECAUSE, why_message
from bot.render.errors import error_message
from bot.render.kit.blocks import section
from bot.render.kit.limits import Payload, message
from bot.render.kit.views import as_view, loading_view
from bot.render.operations.key_reminder import key_reminder_message
from bot.render.operations.status import status_message
from bot.render.search.results import results_message, shared_results_message
from bot.render.stats.customers import customers_message
from bot.render.stats.stats import shared_stats_message, stats_message
from bot.render.uploads import form as upload_form
from bot.render.uploads import offers, progress
from bot.texts import Texts
from tests.clock import MONDAY_MORNING
from tests.unit.render.samples import WEEK, answer, conversation, list_command, question

LINK = "https://app.example.com/{kind}/{id}"
FILES = (OfferedFile("F1", "acme.mp3", 456_000_000), OfferedFile("F2", "", 12))


def screens(texts: Texts, keys: list[str]) -> Iterator[Payload]:
    """Yield them all. `keys` are those of the catalogue: from them it is known which reasons errors can have."""
    return chain(
        _conversations(texts),
        _search(texts),
        _statistics(texts),
        _errors(texts, keys),
        _commands(texts),
        _digests(texts),
        _subscriptions(texts, keys),
        _why(texts),
        _offers(texts),
        _uploads(texts, keys),
        _upload_forms(texts, keys),
    )


def plain_texts(texts: Texts) -> Iterator[str]:
    """Yield what isn't a payload: files, and what stands in the place of a payload."""
    shown = conversation(starts_at=None, participants=())
    yield transcript.transcript_text(texts, conversation(transcript=()))
    yield transcript.transcript_text(texts, replace(shown, name="", kind=Kind.MEETING))
    yield transcript.file_name(texts, shown)
    yield texts("transcript.unknown_speaker")
    yield texts("waiting.form")


# ---- conversations ---------------------------------------------------------------------------------------------------


def _conversations(texts: Texts) -> Iterator[Payload]:
    call = conversation(direction="inbound", duration=20, caller="+49 30 23125 901", callee="+49 30 23125 902")
    odd = conversation(
        kind=Kind.MEETING,
        id="m-1",
        name="",
        starts_at=None,
        duration=3_600,
        customer_domains=tuple(f"customer-{number}.example" for number in range(9)),
        action_items=(*call.action_items, *call.action_items) * 20,
        consent="no",
    )
    long = conversation(summary="long " * 2_000, duration=7_260)
    withheld = [replace(call, is_withheld=True), replace(odd, is_withheld=True)]
    for kind in Kind:
        direction = "inbound" if kind is Kind.CALL else ""
        for filters in (
            Filters(),
            Filters(scope=Scope.INTERNAL, owner_user="U1", type="Demo", language="de", outcome="x", words=("price",)),
            Filters(scope=Scope.ALL, owner_email="a@example.com", direction=direction, oldest_first=True),
        ):
            for domains in ((), ("acme.com", "example.com")):
                asked = question(list_command(kind=kind, domains=domains, filters=filters))
                for page in (
                    answer((call, odd, *withheld), 1_234, page=1, pages=3, unreadable=2),
                    answer((call,), 1, unreadable=1),
                    answer(),
                    answer(latest=call),
                    answer(latest=odd),
                ):
                    yield lists.list_message(texts, asked, page, link_template=LINK)
        asked = question(list_command(kind=kind))
        yield share.shared_list(
            texts, asked, answer((replace(call, owner=Owner()),), 1), shared_by="U1", link_template=LINK
        )
        nobody = question(list_command(kind=kind, filters=Filters(owner_user="U1")))
        yield share.shared_list(
            texts, nobody, answer((replace(call, owner=Owner()),), 1), shared_by="U1", link_template=LINK
        )
    typed = question(list_command(filters=Filters(type="Discvery")))
    yield lists.list_message(
        texts, typed, replace(answer(), occurring={"type": ("Discovery", "Demo")}), link_template=LINK
    )
    crowded = question(list_command(domains=tuple(f"customer-{number}.example" for number in range(9))))
    yield lists.list_message(texts, crowded, answer((long,) * 40, 40), link_template=LINK)
    for shown in (
        call,
        odd,
        long,
        replace(call, name=""),
        replace(call, consent="unclear"),
        replace(call, kind=Kind.MEETING),
    ):
        yield details.details_view(texts, shown, question_id="q", with_transcript=True, link_template=LINK)
        yield details.details_message(texts, shown, question_id="q", with_transcript=True, link_template=LINK)
        yield share.shared_conversation(texts, shown, shared_by="U1", link_template=LINK)
        yield card_message.card_message(texts, shown, link_template=LINK, followed_by=subscription(live=True))
    huge = conversation(
        participants=(Participant("x" * 80),) * 30, questions=("y" * 400,) * 30, insights=call.insights * 30
    )
    everything = replace(huge, summary="z" * 9_000, action_items=odd.action_items, deal=call.deal)
    yield details.details_message(texts, everything, question_id="q", with_transcript=True, link_template=LINK)
    for why in ("guest", "outside", "shared"):
        yield card_message.private_card_message(texts, call, why, "C1", link_template=LINK)
    yield share.already_shared_message(texts)
    yield share.share_promised_view(texts, "C1", is_new=True)
    quoted = tuple(Insight("Budget", "50k", "We have 50k", speaker, at=83.0) for speaker in ("", "Kim"))
    silent = Insight("", quote="Fine")
    yield details.details_view(
        texts, replace(call, insights=(*quoted, silent)), question_id="", with_transcript=False, link_template=""
    )
    yield recording.recording_view(texts, call, asked_at=MONDAY_MORNING)
    yield transcript.transcript_promised_view(texts)
    comment = transcript.transcript_comment(texts, call)
    yield message(comment, [section(comment)])
    erased = texts("erased.message")
    yield message(erased, [section(erased)])


# ---- search and statistics -------------------------------------------------------------------------------------------

FRESH = Freshness(MONDAY_MORNING, MONDAY_MORNING, days=400, missing=0)
FILLING = Freshness(None, MONDAY_MORNING, days=400, missing=390)


def _search(texts: Texts) -> Iterator[Payload]:
    pieces = Piece("The "), Piece("price", is_hit=True)
    passages = (
        *(Passage(source, pieces) for source in get_args(Source)),
        *(Passage("transcript", pieces, speaker, at) for speaker, at in (("Kim", None), ("", 5), ("Kim", 5))),
    )
    hit = SearchHit(conversation(), passages)
    everything = SearchCommand(("price",) * 7, filters=Filters(scope=Scope.ALL))
    narrowed = SearchCommand(("price",), WEEK, ("acme.com",), Filters(type="Demo", direction="inbound"))
    for command, freshness, hits in product((everything, narrowed), (FRESH, FILLING), ((), (hit,), (hit,) * 10)):
        found = SearchAnswer(
            command,
            hits,
            total=25 * bool(hits),
            page=1,
            pages=3,
            freshness=freshness,
            first_copied=WEEK.first,
            transcripts=True,
        )
        yield results_message(texts, question(), found, link_template=LINK)
        if not hits:
            unknown = replace(found, command=SearchCommand(("acme.com",)))
            yield results_message(texts, question(), unknown, link_template=LINK)
        else:
            yield shared_results_message(texts, found, shared_by="U0ROBIN001", link_template=LINK)


def _statistics(texts: Texts) -> Iterator[Payload]:
    shares = tuple(Share(name, 2, 5_000) for name in ("inbound", "outbound", "acme.com", ""))
    for unit, count, freshness in product(get_args(Unit), (0, 1, 7), (FRESH, FILLING)):
        stats = Stats(
            days=WEEK,
            domains=("acme.com", "b.example", "c.example", "d.example") if count else (),
            timezone="Europe/Berlin",
            calls=count,
            meetings=count,
            seconds=5_000,
            open_items=3,
            questions=4,
            unit=unit,
            buckets=tuple(Bucket(WEEK.first + timedelta(days=31 * n), n, n, 900 * n) for n in range(20)),
            is_cut=count > 1,
            freshness=freshness,
            breakdowns={aspect: Breakdown(shares, 2, shares[0]) for aspect in get_args(Aspect)},
            usual=Usual(count, 4_000 if count > 1 else 0),
            last_contact=MONDAY_MORNING if count else None,
            days_since=count,
            own=Share("", count, 600),
            team=Team(5, 1.5, 700),
            first_copied=WEEK.first,
        )
        yield stats_message(texts, question(), stats)
        yield stats_message(texts, question(), replace(stats, domains=("acme.com",), last_contact=None))
        yield stats_message(texts, replace(question(), channel="D1"), replace(stats, days_since=2))
        yield shared_stats_message(texts, stats, shared_by="U0ROBIN001")
    for days in (None, 0, 1, 2):
        line = CustomerLine("acme.com", "Acme", None if days is None else WEEK.first, days, is_quiet=True)
        lines = (line, replace(line, name=""))
        answer = CustomersAnswer(lines, 2_000, 1, 100, lines, 1_000, 30, "Europe/Berlin", is_complete=False)
        yield customers_message(texts, answer)
    yield customers_message(texts, CustomersAnswer((), 0, 0, 1, (), 0, 30, "Europe/Berlin"))


# ---- commands and errors ---------------------------------------------------------------------------------------------


def _commands(texts: Texts) -> Iterator[Payload]:
    yield help.help_message(texts, "")
    for topic in [*(syntax.name for syntax in COMMANDS), *TOPICS]:
        yield help.help_message(texts, topic)
    for start in (Start(), Start("acme.com", conversation()), Start("", conversation(kind=Kind.MEETING))):
        shown = start_message(texts, start, link_template=LINK)
        yield shown
        yield greeted_message(texts, shown)
    yield greeted_message(texts, waiting.waiting_message(texts))
    yield waiting.waiting_message(texts)
    yield waiting.stopped_message(texts)
    yield waiting.stopped_message(texts, "calls acme.com")
    yield waiting.interrupted_message(texts, "calls acme.com")
    yield waiting.click_interrupted_message(texts)
    yield waiting.refused_message(texts, "too_often")
    yield waiting.refused_message(texts, "too_many")
    yield loading_view(texts)
    failures = (errors.KickscaleTimeout(), None), (None, errors.StorageFailed("disk", "x")), (None, None)
    for (kickscale, database), binding in product(failures, ("document", "kept", "default", "overridden")):
        for slack, key_days_left, queues in (("socket", None, {"digest": 1}), ("http", 1, {}), ("http", -1, {})):
            status = Status(
                "1.0",
                slack,  # type: ignore[arg-type]  # of product
                "UTC",
                binding,  # type: ignore[arg-type]
                asked_at=MONDAY_MORNING if kickscale else None,
                kickscale_error=kickscale,
                database_failure=database,
                queues=queues,
                key_days_left=key_days_left,
                mirror=MirrorState(MirrorSize(3, 2), FRESH if kickscale else FILLING) if binding != "default" else None,
            )
            yield status_message(texts, status, is_admin=True)
            yield status_message(texts, status, is_admin=False)
    yield status_message(texts, Status("1.0", "http", "UTC", "default", key_days_left=300), is_admin=True)
    mirror = MirrorState(MirrorSize(1200, 1), Freshness(MONDAY_MORNING, MONDAY_MORNING, days=400, missing=100))
    yield status_message(texts, Status("1.0", "http", "UTC", "default", mirror=mirror), is_admin=True)
    for days_left in (30, 1):
        yield key_reminder_message(texts, days_left, MONDAY_MORNING.date())


def _reasons(keys: list[str], group: str) -> list[str]:
    """Return the names of the texts directly in a group."""
    names = (key.removeprefix(f"{group}.") for key in keys if key.startswith(f"{group}."))
    return [name for name in names if "." not in name]


def _values(texts: Texts, key: str) -> dict[str, str]:
    """Return a value for each placeholder of a text."""
    text: Any = texts._messages  # noqa: SLF001 which placeholders there are is asked nowhere else
    for part in key.split("."):
        text = text[part]
    return {name: "acme" for _, name, _, _ in Formatter().parse(str(text)) if name}


def _errors(texts: Texts, keys: list[str]) -> Iterator[Payload]:
    raised: list[BaseException] = [
        *(
            errors.CommandError("calls", reason, _values(texts, f"command.error.{reason}"), example="calls acme.com")
            for reason in _reasons(keys, "command.error")
        ),
        *(errors.AccessDenied(reason, _values(texts, f"access.{reason}")) for reason in _reasons(keys, "access")),
        *(errors.GoneError(what, "c1") for what in _reasons(keys, "gone")),
        *(errors.StorageFailed(cause, "x") for cause in get_args(errors.DatabaseCause)),
        *(errors.SlackError(code) for code in _reasons(keys, "errors.code")),
        errors.CommandError("calls", "unheard of"),
        errors.CommandError(
            "cals", "command", {"word": "cals"}, suggestions=(errors.Suggestion("calls acme.com", "calls acme.com"),)
        ),
        errors.CommandError("calls acme", "word", {"word": "acme"}, may_be_new_name=True),
        errors.AccessUndecided(),
        errors.ConfigError("PORT", "must be a number"),
        errors.RangeTooWide(None, 5_000),
        errors.RangeTooWide(12_345, 5_000),
        errors.CredentialsRefused(),
        errors.CredentialsRefused("no"),
        errors.KickscaleRateLimited(),
        errors.KickscaleRateLimited(90.0),
        errors.KickscaleTimeout(),
        errors.KickscaleUnavailable(),
        errors.KickscaleUnavailable(503),
        errors.KickscaleRejected(400, "no"),
        errors.KickscaleRejected(400, ""),
        errors.KickscaleRedirected(),
        errors.KickscaleUnreadable(),
        errors.UploadOutcomeUnknown(),
        errors.KickscaleError(),
        errors.NotInChannel("not_in_channel"),
        errors.NotInChannel("not_in_channel", "U0KICKBOT1"),
        errors.SlackDenied("missing_scope"),
        errors.SlackUnavailable("timeout"),
        errors.SlackError("strange"),
        ValueError("never shown"),
        *_refusals(texts, keys),
    ]
    for error in raised:
        shown = error_message(texts, error, "ab12")
        yield shown
        yield error_message(texts, error, "ab12", command="calls acme.com")
        yield as_view(texts, shown)


def _refusals(texts: Texts, keys: list[str]) -> list[errors.RecordingRefused]:
    reasons = _reasons(keys, "recording.refused")
    return [
        errors.RecordingRefused(reason, "acme.mp3", _values(texts, f"recording.refused.{reason}")) for reason in reasons
    ]


# ---- digests ---------------------------------------------------------------------------------------------------------


def subscription(**changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "id": "d1",
        "channel": "C1",
        "domains": ("acme.com",),
        "timezone": "Europe/Berlin",
        "created_by": "U1",
        "created_at": MONDAY_MORNING,
        "since": MONDAY_MORNING,
        "due_after": MONDAY_MORNING,
    }
    return Subscription(**{**values, **changes})


def _digests(texts: Texts) -> Iterator[Payload]:
    call = conversation()
    meeting = replace(call, id="m-1", kind=Kind.MEETING, action_items=call.action_items * 9)
    unknown = replace(call, id="c-2", summary="", customer_domains=("other.example",))
    guests = tuple(Participant(f"Guest {number}", f"guest{number}@acme.com") for number in range(9))
    meeting = replace(meeting, participants=guests)
    all_of_them = subscription(domains=("*",))
    several = subscription(domains=tuple(f"customer-{number}.example" for number in range(60)))
    day = MONDAY_MORNING.date()
    start = MONDAY_MORNING - timedelta(days=30)
    for of, (count, conversations), held in product(
        (subscription(), all_of_them, several),
        ((1.0, (call,)), (0.2, (meeting, unknown)), (0.0, (call,) * 60), (2.4, (call, meeting)), (None, ())),
        ("", "guest", "outside", "shared"),
    ):
        made = Digest(
            of,
            day,
            start,
            MONDAY_MORNING,
            conversations,
            count,
            600.0 if count and count > 2 else 0.0,
            tuple((day - timedelta(days=number), number) for number in range(len(conversations))),
            posted_late=True,
            held=held,
            is_cut=not held,
        )
        yield digest.quiet_message(texts, made)
        yield digest.preview_message(texts, made, link_template=LINK)
        if conversations:
            yield from (part.payload for part in digest.digest_parts(texts, made, link_template=LINK))
    week = tuple((day - timedelta(days=number), number) for number in range(8))
    nobodys = replace(call, id="c-3", customer_domains=())
    grouped = Digest(all_of_them, day, start, MONDAY_MORNING, (call, nobodys), 2.4, 0.0, week)
    yield digest.preview_message(texts, grouped, link_template=LINK)
    timed = Digest(subscription(), day, start, MONDAY_MORNING, (call,), 1.0, 600.0)
    yield digest.preview_message(texts, timed, link_template=LINK)
    late = replace(call, starts_at=start - timedelta(days=1))
    yield digest.preview_message(texts, replace(timed, conversations=(late,), usual_count=0.0), link_template=LINK)
    for why in (errors.KickscaleTimeout(), None):
        yield notices.failed_message(texts, subscription(), day, why, with_button=True)
    for retrial in get_args(Retrial):
        yield subscriptions.retrial_message(texts, retrial, subscription())
    for code in ("is_archived", "is_inactive", "not_in_channel", "channel_not_found", "strange"):
        yield notices.paused_message(texts, subscription(), code)


def _subscriptions(texts: Texts, keys: list[str]) -> Iterator[Payload]:
    daily = subscription(empty=True, language="de")
    weekdays = subscription(days=(0, 1, 2, 3, 4), paused=ASKED)
    some = subscription(days=(0, 2, 4), paused="is_archived", domains=("*",), language="en")
    live = subscription(live=True)
    due = Due(MONDAY_MORNING.date(), MONDAY_MORNING)
    upcoming = Upcoming(due, trying=due)
    command = DigestAddCommand(("acme.com",))
    for of, before, held in product(
        (daily, weekdays, some, live), (None, daily, weekdays, subscription()), ("", "guest", "outside", "shared")
    ):
        yield subscriptions.added_message(
            texts, of, upcoming, before=before, command=command, is_own_zone=not held, held=held, similar=5
        )
    yield subscriptions.subscriptions_message(texts, [])
    yield subscriptions.subscriptions_message(texts, [(daily, upcoming)])
    listed = [(replace(of, id=f"d{number}"), upcoming) for number, of in enumerate((daily, weekdays, some, live))]
    yield subscriptions.subscriptions_message(texts, listed, done=["done"])
    many = [(replace(daily, id=f"d{number}"), upcoming) for number in range(80)]
    yield subscriptions.subscriptions_message(texts, many)
    for action, before in product(("pause", "resume", "remove", "edit"), (daily, weekdays)):
        for after in (before, None) if action == "remove" else (before,):
            done = subscriptions.change_text(texts, action, SubscriptionChange(before, after), upcoming)
            yield subscriptions.changes_message(texts, [done])
    made = Digest(daily, due.day, MONDAY_MORNING, MONDAY_MORNING, ())
    above = subscriptions.preview_note(texts, DigestPreview(made, (weekdays, live), is_earlier=True))
    yield message(above, [section(above)])
    yield subscriptions.choice_message(
        texts, "acme.com", [daily, subscription(id="d2", domains=("acme.com", "other.example"))]
    )
    for action, is_named in product(("add", "edit", "pause", "resume", "remove"), (True, False)):
        line = subscriptions.announced_text(texts, action, daily, by="U1", named=is_named)
        yield announcement_message(line)
    for why in (errors.NotInChannel(), errors.SlackError("is_archived")):
        yield unannounced_message(texts, "C1", line, why)
    for of in (daily, live, subscription(domains=tuple(f"customer-{number}.example" for number in range(200)))):
        yield form.form_view(texts, of)
    for reason in _reasons(keys, "digest.form.error"):
        near = reason.endswith("_near")
        problem = FormProblem(reason.removesuffix("_near"), "acme", "Europe/Berlin" if near else "")
        (said,) = form.form_errors(texts, {ids.DIGEST_AT: problem}).values()
        yield message(said, [section(said)])


def _why(texts: Texts) -> Iterator[Payload]:
    call = conversation()
    for channel, by in (("C1", "U1"), ("D1", "")):
        posted = tuple(
            Posted(channel, "1.0", kind, f"{kind}:1", ("c-1",), MONDAY_MORNING, by=by or "d1")
            for kind in ("share", "digest", "card")
        )
        row = AuditRow(AuditKind.ERASED, 1, MONDAY_MORNING, "", channel, "", (), 1)
        held = (replace(row, kind=AuditKind.HELD, what=why) for why in (*BECAUSE, "strange"))
        notes = (row, *held)
        for found, because, reason in product((call, None), ("", "guest"), get_args(Reason)):
            verdict = Verdict(subscription(created_by=by), reason, MONDAY_MORNING, because)
            yield why_message(texts, Explanation("c-1", found, posted, (verdict,), notes))
        for found in (call, None):
            yield why_message(texts, Explanation("c-1", found, (), ()))


# ---- uploads ---------------------------------------------------------------------------------------------------------


def _offers(texts: Texts) -> Iterator[Payload]:
    for files in (FILES[:1], FILES):
        offer = Offer("o1", "C1", "1.0", "1.0", "U1", "", files, MONDAY_MORNING)
        yield offers.offer_message(texts, offer)
        yield offers.accepted_message(texts, files, by="U1")
        yield offers.moved_message(texts, offer)
        yield offers.declined_message(texts, offer, by="U1")
    for reason in ("empty", "not_media", "format", "other", "gone"):
        refused = errors.RecordingRefused(reason, "acme.mp3", {"limit": "mp3"})
        yield offers.refusal_message(texts, refused)
        yield offers.refused_message(texts, refused)
    yield offers.nothing_message(texts)
    for mode, changed in product(UploadMode, (True, False)):
        setting = ChannelUploads("C1", mode, Attestation("U1", MONDAY_MORNING))
        yield offers.channel_message(texts, setting, changed=changed)
        yield announcement_message(offers.announced_text(texts, setting, by="U1"))
        yield upload_form.auto_form_view(texts, "C1")


def upload(state: UploadState, **changes: Any) -> Upload:
    values: dict[str, Any] = {
        "id": 1,
        "source": "F1",
        "name": "acme.mp3",
        "size": 456_000_000,
        "fields": {},
        "external_id": "slack-F1",
        "attestation": Attestation("U1", MONDAY_MORNING),
        "created_at": MONDAY_MORNING,
        "state": state,
        "channel": "C1",
    }
    return Upload(**{**values, **changes})


def _uploads(texts: Texts, keys: list[str]) -> Iterator[Payload]:
    steps = ("queued", "checking", "sending", "asking", "retrying")
    progresses = [
        Progress(sent, 456_000_000, 1e6, 90.0, place, step, again_at, why)  # type: ignore[arg-type]  # of product
        for step in steps
        for sent, place, again_at, why in (
            (0, 0, None, "unavailable"),
            (123_000_000, 2, MONDAY_MORNING, "slack_unavailable"),
            (9_900, 0, None, "strange"),
        )
    ]
    failures = [Failure(reason, ApiWords("no")) for reason in [*_reasons(keys, "upload.failed"), "gone", "strange"]] + [
        Failure("redirected", Host("evil.example"))
    ]
    for state in UploadState:
        for changes in ({}, {"cancelled_by": "U1"}, {"is_unanalysed": True}, {"call": "c-1"}):
            shown = upload(state, **changes)
            yield progress.upload_message(texts, shown)
            yield progress.upload_message(texts, shown, None, conversation(), upload(UploadState.SENT))
            yield progress.private_upload_message(texts, shown, LINK)
            for is_elsewhere in (True, False):
                yield progress.known_message(texts, shown, is_elsewhere=is_elsewhere)
            if (said := progress.pressed_message(texts, shown, ids.UPLOAD_CANCEL)) is not None:
                yield said
    for shown, step in product((upload(UploadState.QUEUED), upload(UploadState.SENDING)), progresses):
        yield progress.upload_message(texts, shown, step)
    for failure in failures:
        failed = upload(UploadState.FAILED, failure=failure, attestation=Attestation("", MONDAY_MORNING))
        yield progress.upload_message(texts, failed)
        yield progress.words_message(texts, failed)
    setting = ChannelUploads("C1", UploadMode.ON)
    yield progress.uploads_status_message(texts, setting, [], {})
    yield progress.uploads_status_message(texts, setting, [upload(state, id=3) for state in UploadState], {3: 4})
    yield progress.uploads_status_message(texts, setting, [upload(UploadState.FAILED)] * 60, {})
    sizes = [upload(UploadState.QUEUED, name="", size=size) for size in (12, 4_000_000_000)]
    yield progress.uploads_status_message(texts, setting, sizes, {})


def _upload_forms(texts: Texts, keys: list[str]) -> Iterator[Payload]:
    labels = _reasons(keys, "upload.form.label")
    meanings = [meaning for meaning in Meaning if meaning in labels]
    questions = [
        Question(
            f"field_{index}_{meaning}", meaning, meaning, widget, file_index=index, options=options, is_list=is_list
        )
        for index, (widget, options, is_list) in enumerate(
            (
                (Widget.TEXT, (), False),
                (Widget.MOMENT, (), True),
                (Widget.DURATION, (), True),
                (Widget.CHOICE, ("inbound", "outbound"), True),
                (Widget.YES_NO, (), True),
            )
        )
        for meaning in meanings
    ]
    common = [replace(questions[0], block_id="field_all", file_index=None)]
    for count, more in ((1, 1), (5, 2)):
        files = tuple(OfferedFile(f"F{number}", f"{number}.mp3", 1_000) for number in range(count))
        yield upload_form.form_view(texts, UploadForm("o1", files, (*questions, *common), more))
    dated = Question("f0:date", "date", Meaning.DATE, Widget.MOMENT, file_index=0)
    missing = (
        dated,
        replace(dated, block_id="f0:known", initial=str(int(MONDAY_MORNING.timestamp()))),
        replace(dated, block_id="f0:day", day=MONDAY_MORNING.date()),
        Question("f0:name", "name", Meaning.NAME, Widget.TEXT, file_index=0, is_required=True),
    )
    for known in missing:
        yield upload_form.form_view(texts, UploadForm("o1", FILES[:1], (known,)))
    for reason in _reasons(keys, "upload.form.error"):
        (said,) = upload_form.form_errors(texts, {"field": reason}).values()
        yield message(said, [section(said)])
