"""The form that edits a subscription."""

from collections.abc import Iterator, Mapping

from bot import domains, ids
from bot.model.digests import FormProblem, Subscription
from bot.render.kit.blocks import code, input_block, plain, section
from bot.render.kit.limits import Block, Payload, clip, one_line, view, width
from bot.texts import Texts, formatting
from bot.texts.languages import LANGUAGES

ID = 20
WORD = 80
WEEK = 7
INPUT = 3_000
"""Characters of a text input (https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element)."""
YES = "yes"


def form_view(texts: Texts, subscription: Subscription) -> Payload:
    """Render the form that edits one subscription. For a live one it only has the customers and the language."""
    return view(
        texts("digest.form.title"),
        [
            section(texts("digest.form.heading", id=code(subscription.id, ID), channel=subscription.channel)),
            *_domains_input(texts, subscription),
            *([] if subscription.live else _when_inputs(texts, subscription)),
            _language_input(texts, subscription),
        ],
        submit=texts("digest.form.submit"),
        close=texts("digest.form.close"),
        callback_id=ids.DIGEST_FORM,
        private_metadata=subscription.id,
    )


def form_errors(texts: Texts, problems: Mapping[str, FormProblem]) -> dict[str, str]:
    """Return sentences by block_id for `response_action: errors`, which shows them as they are."""
    return {
        block_id: texts(
            f"digest.form.error.{problem.reason}{'_near' if problem.suggestion else ''}",
            word=clip(one_line(problem.word), WORD),
            suggestion=problem.suggestion,
        )
        for block_id, problem in problems.items()
    }


def _domains_input(texts: Texts, subscription: Subscription) -> Iterator[Block]:
    text = ", ".join(map(domains.editable, subscription.domains))
    if width(text) > INPUT:  # too many to edit here: they stay as they are
        yield section(texts("digest.form.domains_many", count=len(subscription.domains)))
        return
    element = {"type": "plain_text_input", "initial_value": text, "multiline": len(subscription.domains) > 3}
    yield input_block(ids.DIGEST_DOMAINS, texts("digest.form.domains"), element, hint=texts("digest.form.domains_hint"))


def _when_inputs(texts: Texts, subscription: Subscription) -> Iterator[Block]:
    at: Block = {"type": "timepicker", "initial_time": subscription.at.isoformat("minutes")}
    yield input_block(ids.DIGEST_AT, texts("digest.form.at"), at, hint=texts("digest.form.at_hint"))
    names = formatting.weekdays(texts.language, range(WEEK))
    options = [{"text": plain(name), "value": str(day)} for day, name in enumerate(names)]
    chosen = [options[day] for day in subscription.days or range(WEEK)]
    days: Block = {"type": "checkboxes", "options": options, "initial_options": chosen}
    yield input_block(ids.DIGEST_DAYS, texts("digest.form.days"), days)
    zone: Block = {"type": "plain_text_input", "initial_value": subscription.timezone}
    yield input_block(ids.DIGEST_ZONE, texts("digest.form.zone"), zone, hint=texts("digest.form.zone_hint"))
    option = {"text": plain(texts("digest.form.empty_option")), "value": YES}
    empty: Block = {"type": "checkboxes", "options": [option]}
    yield input_block(
        ids.DIGEST_EMPTY,
        texts("digest.form.empty"),
        empty | ({"initial_options": [option]} if subscription.empty else {}),
        is_optional=True,
    )


def _language_input(texts: Texts, subscription: Subscription) -> Block:
    options = {language: {"text": plain(texts(f"languages.{language}")), "value": language} for language in LANGUAGES}
    chosen = options[subscription.language]
    select: Block = {"type": "static_select", "options": list(options.values()), "initial_option": chosen}
    return input_block(ids.DIGEST_LANGUAGE, texts("digest.form.language"), select)
