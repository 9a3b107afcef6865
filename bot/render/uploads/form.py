"""The modals around uploads: the form of recordings, and the attestation for a whole channel."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot import ids
from bot.errors import RecordingRefused
from bot.kickscale.uploading.fields import Meaning
from bot.model.upload_form import LONGEST_OPTION, YES, Question, UploadForm, Widget
from bot.render.errors import explain
from bot.render.kit import files, times
from bot.render.kit.blocks import divider, input_block, label, plain, section
from bot.render.kit.limits import Block, Payload, clip, one_line, view
from bot.texts import Texts

LABEL = 100
HINT = 300
INITIAL = 1_000


def form_view(texts: Texts, form: UploadForm, refused: Sequence[RecordingRefused] = ()) -> Payload:
    """Render the form of one offer's recordings; `refused` says why others can't be uploaded."""
    count = len(form.recordings)
    return view(
        texts("upload.form.title"),
        _body(texts, form, refused),
        submit=texts("upload.form.submit"),
        close=texts("upload.form.close"),
        callback_id=ids.UPLOAD_FORM,
        private_metadata=form.key,
        tail=[
            _attestation(
                texts,
                texts("upload.form.attestation", count=count),
                texts("upload.form.attestation_hint", count=count),
            )
        ],
    )


def auto_form_view(texts: Texts, channel: str) -> Payload:
    """Render the attestation with which a channel's recordings are uploaded without asking from then on."""
    return view(
        texts("upload.auto.title"),
        [section(texts("upload.auto.what", channel=channel))],
        submit=texts("upload.auto.submit"),
        close=texts("upload.form.close"),
        callback_id=ids.UPLOAD_AUTO,
        private_metadata=channel,
        tail=[_attestation(texts, texts("upload.auto.attestation"), texts("upload.auto.attestation_hint"))],
    )


def form_errors(texts: Texts, errors: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with the answers, by block_id, as sentences for `response_action: errors`."""
    return {block_id: texts(f"upload.form.error.{key}") for block_id, key in errors.items()}


def _body(texts: Texts, form: UploadForm, refused: Sequence[RecordingRefused]) -> Iterator[Block]:
    yield from (section(reason) for reason in dict.fromkeys(explain(texts, refusal) for refusal in refused))
    if form.more:
        yield section(texts("upload.form.more", count=form.more))
    for index, file in enumerate(form.recordings):
        yield section(files.line(texts, file))
        yield from _inputs(texts, [question for question in form.questions if question.file_index == index])
    of_all = [question for question in form.questions if question.file_index is None]
    if len(form.recordings) > 1 and of_all:
        yield divider()
        yield section(texts("upload.form.for_all", count=len(form.recordings)))
    yield from _inputs(texts, of_all)


def _inputs(texts: Texts, questions: list[Question]) -> Iterator[Block]:
    meanings = [question.meaning for question in questions]
    for question in questions:
        is_plain = question.meaning != Meaning.OTHER and meanings.count(question.meaning) == 1
        yield input_block(
            question.block_id,
            texts(f"upload.form.label.{question.meaning}") if is_plain else _label(question.name),
            _element(texts, question),
            hint=_hint(texts, question),
            is_optional=not question.is_required,
        )


def _label(name: str) -> str:
    """Return `Deal id` for `dealId` and `deal_id`: the label of a field that the bot has no words for."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", one_line(name)).replace("_", " ").replace("-", " ").split()
    words = [word if word.isupper() else word.lower() for word in words]
    text = " ".join(words)
    return label(text[:1].upper() + text[1:], LABEL) or "?"


def _hint(texts: Texts, question: Question) -> str:
    if question.widget is Widget.MOMENT:
        return _moment_hint(texts, question)
    if question.meaning == Meaning.NAME and question.is_required and not question.initial:
        return texts("upload.form.hint.name")
    if question.widget is Widget.DURATION:
        return texts("upload.form.hint.duration")
    if question.meaning == Meaning.DOMAIN:
        return texts("upload.form.hint.domains" if question.is_list else "upload.form.hint.domain")
    return label(question.description, HINT) if question.meaning == Meaning.OTHER else ""


def _moment_hint(texts: Texts, question: Question) -> str:
    """Return what to enter, where the recording doesn't say when it began."""
    if question.initial or question.meaning != Meaning.DATE:
        return texts("upload.form.hint.moment")
    if question.day is not None:
        return texts("upload.form.hint.moment_day", day=times.day(texts, question.day))
    return texts("upload.form.hint.moment_missing")


def _element(texts: Texts, question: Question) -> Block:
    initial = question.initial
    match question.widget:
        case Widget.MOMENT:
            return {"type": "datetimepicker"} | ({"initial_date_time": int(initial)} if initial else {})
        case Widget.PERSON:
            return {"type": "users_select"} | ({"initial_user": initial} if initial else {})
        case Widget.CHOICE:
            return _select(texts, question, question.options)
        case Widget.YES_NO:
            return _select(texts, question, ("yes", "no"))
        case _:
            # What an input contains at first is shown as it is: nothing is escaped.
            shown = clip(one_line(initial), INITIAL)
            return {"type": "plain_text_input"} | ({"initial_value": shown} if shown else {})


def _select(texts: Texts, question: Question, values: Sequence[str]) -> Block:
    options = {value: {"text": plain(_option(texts, question.meaning, value)), "value": value} for value in values}
    return {"type": "static_select", "options": list(options.values())} | (
        {"initial_option": options[question.initial]} if question.initial in options else {}
    )


def _option(texts: Texts, meaning: str, value: str) -> str:
    key = value.casefold()
    if key in ("yes", "no") or (meaning == Meaning.DIRECTION and key in ("inbound", "outbound")):
        return texts(f"upload.form.option.{key}")
    return label(value, LONGEST_OPTION) or "?"


def _attestation(texts: Texts, text: str, hint: str) -> Block:
    box = {"type": "checkboxes", "options": [{"text": plain(text), "value": YES}]}
    return input_block(ids.ATTESTATION, texts("upload.form.label.attestation"), box, hint=hint, is_optional=False)
