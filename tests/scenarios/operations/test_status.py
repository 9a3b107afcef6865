"""`/kickscale status` for admins: what the bot still has to do, besides answering that very question."""

from pathlib import Path

from tests.world import ROBIN, world


async def test_the_question_itself_is_not_counted(tmp_path: Path) -> None:
    """It is written down like all that is typed, in a channel or in the bot's own messages."""
    async with world(tmp_path, admins="U0ROBIN001") as here:
        assert "Nothing queued" in here.text(await here.ask("/kickscale status"))
        await here.slack.write(ROBIN, "status")
        await here.settle()
        assert "Nothing queued" in here.text(here.slack.direct_messages(ROBIN)[-1])
