"""The modals around uploads: the form of recordings, and the attestation for a whole channel."""

import re
from collections.abc import Iterator, Mapping

from bot import ids
from bot.forms import upload
from bot.forms.upload import Form, Input, Widget
from bot.kickscale.uploading.fields import Meaning
from bot.render.errors import explain
from bot.render.kit import files
from bot.render.kit.blocks import divider, label, plain, section
from bot.render.kit.limits import Block, Payload, clip, one_line, view
from bot.texts import Texts

LABEL = 100
HINT = 300
INITIAL = 1_000


def form_view(texts: Texts, form: Form) -> Payload:
    """The form of one offer's recordings."""
    count = len(form.recordings)
    return view(
        texts("upload.form.title"),
        _body(texts, form),
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
    """The attestation with which recordings of a channel are uploaded unasked from then on."""
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
    """What `upload.read` found wrong, by block_id, as sentences for `response_action: errors`."""
    return {block_id: texts(f"upload.form.error.{key}") for block_id, key in errors.items()}


def _body(texts: Texts, form: Form) -> Iterator[Block]:
    inputs = upload.inputs(form)
    yield from (section(said) for said in dict.fromkeys(explain(texts, each) for each in form.refused))
    if form.more:
        yield section(texts("upload.form.more", count=form.more))
    for index, known in enumerate(form.recordings):
        yield section(files.line(texts, known.file))
        yield from _inputs(texts, [each for each in inputs if each.file_index == index])
    once = [each for each in inputs if each.file_index is None]
    if len(form.recordings) > 1 and once:
        yield divider()
        yield section(texts("upload.form.for_all", count=len(form.recordings)))
    yield from _inputs(texts, once)


def _inputs(texts: Texts, inputs: list[Input]) -> Iterator[Block]:
    meanings = [each.meaning for each in inputs]
    for each in inputs:
        is_plain = each.meaning is not Meaning.OTHER and meanings.count(each.meaning) == 1
        yield _input(
            each.block_id,
            texts(f"upload.form.label.{each.meaning}") if is_plain else _label(each.field.name),
            _element(texts, each),
            hint=_hint(texts, each),
            is_optional=not each.field.required,
        )


def _label(name: str) -> str:
    """`dealId` and `deal_id` as `Deal id`: what a field is called where the bot has no words for it."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", one_line(name)).replace("_", " ").replace("-", " ").split()
    words = [word if word.isupper() else word.lower() for word in words]
    said = " ".join(words)
    return label(said[:1].upper() + said[1:], LABEL) or "?"


def _hint(texts: Texts, each: Input) -> str:
    if each.widget is Widget.MOMENT:
        return texts("upload.form.hint.moment")
    if each.widget is Widget.DURATION:
        return texts("upload.form.hint.duration")
    if each.meaning is Meaning.DOMAIN:
        return texts("upload.form.hint.domains" if each.field.type == "array" else "upload.form.hint.domain")
    return label(each.field.description, HINT) if each.meaning is Meaning.OTHER else ""


def _element(texts: Texts, each: Input) -> Block:
    match each.widget:
        case Widget.MOMENT:
            return {"type": "datetimepicker"} | ({"initial_date_time": int(each.initial)} if each.initial else {})
        case Widget.PERSON:
            return {"type": "users_select"} | ({"initial_user": each.initial} if each.initial else {})
        case Widget.CHOICE:
            return _select(dict.fromkeys(each.field.enum), each.initial, texts, each.meaning)
        case Widget.YES_NO:
            return _select({"yes": None, "no": None}, each.initial, texts, each.meaning)
        case _:
            # What stands in an input is taken as it is: nothing is escaped.
            initial = clip(one_line(each.initial), INITIAL)
            return {"type": "plain_text_input"} | ({"initial_value": initial} if initial else {})


def _select(values: Mapping[str, None], initial: str, texts: Texts, meaning: Meaning) -> Block:
    options = {value: {"text": plain(_option(texts, meaning, value)), "value": value} for value in values}
    return {"type": "static_select", "options": list(options.values())} | (
        {"initial_option": options[initial]} if initial in options else {}
    )


def _option(texts: Texts, meaning: Meaning, value: str) -> str:
    key = value.casefold()
    if key in ("yes", "no") or (meaning is Meaning.DIRECTION and key in ("inbound", "outbound")):
        return texts(f"upload.form.option.{key}")
    return label(value, upload.OPTION) or "?"


def _attestation(texts: Texts, said: str, hint: str) -> Block:
    box = {"type": "checkboxes", "options": [{"text": plain(said), "value": upload.YES}]}
    return _input(ids.ATTESTATION, texts("upload.form.label.attestation"), box, hint=hint, is_optional=False)


def _input(block_id: str, said: str, element: Block, *, hint: str, is_optional: bool) -> Block:
    """https://docs.slack.dev/reference/block-kit/blocks/input-block"""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(said),
        "element": element | {"action_id": block_id},
        "optional": is_optional,
    }
    return block | ({"hint": plain(hint)} if hint else {})
