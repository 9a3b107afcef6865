"""Subscriptions: a channel's list, and the answers to commands and buttons that change them."""

from collections.abc import Callable, Iterator, Sequence

from bot import domains, ids
from bot.model.commands import DigestAddCommand
from bot.model.digests import ASKED, DigestPreview, Retrial, Subscription, SubscriptionChange, Upcoming
from bot.render.digests.notices import refusal
from bot.render.kit import times
from bot.render.kit.blocks import actions, button, code, confirmed, context, inline, label, section
from bot.render.kit.commands import typed_command
from bot.render.kit.limits import Block, Payload, message
from bot.render.kit.people import person
from bot.texts import Texts, formatting

DOMAINS = 10
DOMAIN = 90
ID = 20
WORD = 80
MANY = 5
"""So many digests of one customer in one channel may be a mistake."""
WEEKDAYS = (0, 1, 2, 3, 4)

Listed = tuple[Subscription, Upcoming | None]
"""A subscription, and its next digest if there is one."""


def added_message(
    texts: Texts,
    subscription: Subscription,
    upcoming: Upcoming | None,
    *,
    before: Subscription | None,
    command: DigestAddCommand,
    is_own_zone: bool,
    held: str,
    similar: int = 0,
) -> Payload:
    """Render the answer to `digest add`: what the channel gets from now on, which defaults apply, and when it starts.

    `before` is what the subscription was like, if the channel had it already. `is_own_zone` says that its time zone is
    the asker's. `held` says because of whom nothing may be posted in this channel.
    `similar` is how many digests the channel now has that cover one of these customers.
    """
    text = texts(f"digest.{_added(subscription, before)}", **_values(texts, subscription))
    notes = []
    if before is None and not subscription.live:
        defaults = list(_defaults(texts, subscription, command, is_own_zone=is_own_zone))
        notes += [texts("digest.taken", taken=", ".join(defaults))] if defaults else []
    if before is not None and subscription.language != before.language:
        notes.append(texts(f"digest.now_language.{subscription.language}"))
    if before is not None and subscription.empty and not before.empty:
        notes.append(texts("digest.now_empty"))
    if upcoming is not None:
        at, since = times.moment(texts, upcoming.due.at), times.moment(texts, subscription.since)
        is_start = before is None or before.paused
        notes.append(texts("digest.next_since" if is_start else "digest.next", at=at, since=since))
    notes.append(texts("digest.how", list=typed_command(texts, "digest list")))
    warning = [section(texts(f"digest.held.{held}"))] if held else []
    if before is None and similar >= MANY:
        listed = typed_command(texts, "digest")
        warning.append(section(texts("digest.many", count=similar, list=listed)))
    return message(text, [section(text), *warning, context(" ".join(notes))])


def subscriptions_message(texts: Texts, listed: Sequence[Listed], *, done: Sequence[str] = ()) -> Payload:
    """Render what a channel gets, with buttons that change it, below what was just done."""
    heading = (
        texts("digest.list", count=len(listed))
        if listed
        else texts("digest.none", example=typed_command(texts, "digest add acme.com at 8:30 on weekdays"))
    )
    text = "\n".join(done)
    top = [section(text)] if text else []
    items = (block for subscription, upcoming in listed for block in _item(texts, subscription, upcoming))
    return message(text or heading, [*top, section(heading), *items], cut=context(texts("digest.cut")))


def choice_message(texts: Texts, target: str, subscriptions: Sequence[Subscription]) -> Payload:
    """Render the question from which of these digests a domain is to be removed."""
    question = texts("digest.which", what=code(domains.display(target), DOMAIN), count=len(subscriptions))
    blocks = [section(question)]
    for subscription in subscriptions:
        values = _values(texts, subscription)
        is_only = len(subscription.domains) == 1
        remove = _remove_button(texts, subscription) if is_only else _narrow_button(texts, subscription, target)
        blocks.append(
            section(
                f"{values['id']} · {values['what']} · {values['when']}",
                accessory=remove,
                block_id=f"{ids.SUBSCRIPTION}{subscription.id}",
            )
        )
    return message(question, blocks, cut=context(texts("digest.cut")))


def change_text(texts: Texts, action: str, change: SubscriptionChange, upcoming: Upcoming | None) -> str:
    """Return mrkdwn that says what was done to one subscription: `pause`, `resume`, `remove` or `edit`."""
    before, after = change.before, change.after
    text = texts(
        f"digest.done.{_done(action, before, after)}",
        resume=typed_command(texts, f"digest resume {before.id}"),
        **_values(texts, after or before),
    )
    if action in ("resume", "edit") and upcoming is not None:
        text += " " + texts("digest.next", at=times.moment(texts, upcoming.due.at))
    return text


def changes_message(texts: Texts, done: Sequence[str]) -> Payload:
    """Render what was done to several subscriptions, as `change_text` says it."""
    return message("\n".join(done), [section(text) for text in done], cut=context(texts("digest.cut")))


def announced_text(texts: Texts, action: str, subscription: Subscription, *, by: str, named: bool = True) -> str:
    """Return mrkdwn that tells everybody in the channel who did what: `add`, `edit`, `pause`, `resume` or `remove`.

    Unless the customers may be `named`, the line leaves them out.
    """
    key = f"digest.{'announced' if named else 'announced_held'}.{action}"
    return texts(key, by=person(by), **_values(texts, subscription))


def announced_domains(subscription: Subscription) -> tuple[str, ...]:
    """Return the domains and patterns that such a line names."""
    return () if domains.EVERY in subscription.domains else subscription.domains[:DOMAINS]


def retrial_message(texts: Texts, retrial: Retrial, subscription: Subscription) -> Payload:
    """Render the answer to *Try again* below the message that there is no digest."""
    text = _paused_note(texts, subscription) if retrial == "paused" else texts(f"digest.again.{retrial}")
    return message(text, [section(text)])


def preview_note(texts: Texts, preview: DigestPreview) -> str:
    """Return mrkdwn that says why the preview shows another digest than the next one; empty if it doesn't."""
    lines = [
        texts("digest.without.live", **_values(texts, subscription))
        if subscription.live
        else _paused_note(texts, subscription)
        for subscription in preview.without
    ]
    if lines:
        lines.append(texts("digest.without.new"))
    if preview.is_earlier:
        lines.append(texts("digest.earlier"))
    return "\n".join(lines)


# ---- the parts -----------------------------------------------------------------------------------------------------


def _paused_note(texts: Texts, subscription: Subscription) -> str:
    resume = typed_command(texts, f"digest resume {subscription.id}")
    return texts("digest.without.paused", resume=resume, **_values(texts, subscription))


def _added(subscription: Subscription, before: Subscription | None) -> str:
    if before is not None:
        return "there_paused" if before.paused else "there"
    return "added_live" if subscription.live else "added"


def _done(action: str, before: Subscription, after: Subscription | None) -> str:
    match action:
        case "remove" if after is not None:
            return "without"
        case "pause" if before.paused:
            return "pause_already"
        case "resume" if not before.paused:
            return "resume_already"
        case "edit" if before.paused:
            return "edit_paused"
        case _:
            return action


def _values(texts: Texts, subscription: Subscription) -> dict[str, str]:
    return {
        "id": code(subscription.id, ID),
        "what": _customers(texts, subscription),
        "when": _when(texts, subscription),
    }


def _customers(texts: Texts, subscription: Subscription, show: Callable[[str, int], str] = code) -> str:
    if domains.EVERY in subscription.domains:
        return texts("digest.everybody")
    names = [show(domains.display(domain), DOMAIN) for domain in subscription.domains[:DOMAINS]]
    if len(subscription.domains) > DOMAINS:
        names.append(texts("more.customer", count=len(subscription.domains) - DOMAINS))
    return formatting.join(texts.language, names)


def _when(texts: Texts, subscription: Subscription) -> str:
    if subscription.live:
        return texts("digest.when.live")
    key = {(): "daily", WEEKDAYS: "weekdays"}.get(subscription.days, "days")
    return texts(
        f"digest.when.{key}",
        at=_clock(subscription),
        days=_days(texts, subscription.days),
        zone=inline(subscription.timezone, WORD),
    )


def _clock(subscription: Subscription) -> str:
    return f"{subscription.at.hour}:{subscription.at.minute:02}"


def _days(texts: Texts, days: Sequence[int]) -> str:
    return formatting.join(texts.language, formatting.weekdays(texts.language, days))


def _defaults(
    texts: Texts, subscription: Subscription, command: DigestAddCommand, *, is_own_zone: bool
) -> Iterator[str]:
    if command.at is None:
        yield texts("digest.taken_at", at=_clock(subscription))
    if not command.days:
        yield texts("digest.taken_days")
    if not command.timezone:
        key = "digest.taken_own_zone" if is_own_zone else "digest.taken_zone"
        yield texts(key, zone=inline(subscription.timezone, WORD))
    if not command.empty:
        yield texts("digest.taken_empty")


def _item(texts: Texts, subscription: Subscription, upcoming: Upcoming | None) -> list[Block]:
    values = _values(texts, subscription)
    notes = [_paused(texts, subscription)] if subscription.paused else []
    if upcoming is not None:
        if upcoming.trying is not None:
            notes.append(texts("digest.trying", at=times.moment(texts, upcoming.trying.at)))
        notes.append(texts("digest.next_short", at=times.moment(texts, upcoming.due.at)))
    notes.append(texts(f"digest.language.{subscription.language}"))
    if subscription.empty and not subscription.live:
        notes.append(texts("digest.also_empty"))
    if subscription.created_by:  # they may have been erased
        notes.append(texts("digest.by", by=person(subscription.created_by)))
    other = "resume" if subscription.paused else "pause"
    return [
        section(f"{values['id']} · {values['what']} · {values['when']}\n{' · '.join(notes)}"),
        actions(
            [
                button(texts("digest.edit"), ids.DIGEST_EDIT, value=subscription.id),
                button(
                    texts(f"digest.{other}"),
                    ids.DIGEST_RESUME if subscription.paused else ids.DIGEST_PAUSE,
                    value=subscription.id,
                ),
                _remove_button(texts, subscription),
            ],
            f"{ids.SUBSCRIPTION}{subscription.id}",
        ),
    ]


def _paused(texts: Texts, subscription: Subscription) -> str:
    why = subscription.paused
    if why == ASKED:
        return texts("digest.paused")
    return texts("digest.paused_why", why=refusal(texts, why))


def _remove_button(texts: Texts, subscription: Subscription) -> Block:
    return confirmed(
        button(texts("digest.remove"), ids.DIGEST_REMOVE, value=subscription.id),
        title=texts("digest.remove_title"),
        text=texts("digest.remove_sure", what=_customers(texts, subscription, label)),
        deny=texts("digest.keep"),
    )


def _narrow_button(texts: Texts, subscription: Subscription, target: str) -> Block:
    """Return a button that removes one domain from a digest of several."""
    what = label(domains.display(target), DOMAIN)
    return confirmed(
        button(texts("digest.remove"), ids.DIGEST_NARROW, value=f"{subscription.id}:{target}"),
        title=texts("digest.narrow_title"),
        text=texts("digest.narrow_sure", what=what),
        deny=texts("digest.keep"),
    )
