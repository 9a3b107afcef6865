"""The imports that the bot makes after it is ready."""


def import_command_intake() -> None:
    """Import what `CommandIntake` builds. In a thread, like the rest."""
    import bot.app.command_intake  # noqa: F401 for those who need it next


def import_services() -> None:
    """Import what `Services` builds, and the timers. Call it in a thread, so that the bot stays connected meanwhile."""
    from bot.texts import formatting
    from bot.texts.languages import LANGUAGES

    formatting.prepare(LANGUAGES)  # first: the rest uses the memory that it frees
    import bot.app.foundation
    import bot.app.reading
    import bot.app.services
    import bot.app.timers
    import bot.app.upload_services
    import bot.app.wiring
    import bot.kickscale.records.encoded  # noqa: F401 likewise
    from bot.jobs.timers import import_scheduler

    import_scheduler()
