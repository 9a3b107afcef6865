"""Calls to show."""

from datetime import timedelta

from tests.world import World, call


def rich(number: int, here: World, **fields: object) -> dict[str, object]:
    """A call with something in every field."""
    return call(
        number,
        here.clock.now() - timedelta(hours=1),
        participants=[
            {"name": "Robin Rep", "email": "robin.rep@example.com", "talkShare": 0.63},
            {"name": "Jane Doe", "email": "jane@acme.com", "talkShare": 0.37},
        ],
        actionItems=[{"text": "Send the offer", "assignee": "Robin Rep", "done": False}, "Call back"],
        userQuestions=["What does it cost?"],
        insights=[{"title": "Budget", "text": "Approved for next year"}],
        metrics={"wordsPerMinute": 141},
        rating=4.5,
        outcome="Follow-up",
        type="Discovery",
        crmReference={"deal": {"name": "Acme 2027"}},
        emailDraft={"subject": "Our talk", "body": "Dear Jane,\nthank you."},
        transcript=[{"speaker": "Robin Rep", "text": "Hello Jane", "start": 1}, {"speaker": "Jane", "text": "Hi"}],
        **fields,
    )
