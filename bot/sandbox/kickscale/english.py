"""English sales calls."""

from bot.sandbox.kickscale.phrases import AFTER_PURCHASE, Phrases, Topic

ENGLISH = Phrases(
    code="en",
    labels={},
    openings={
        "Discovery": (
            "{rep} met {contact} from {company} for the first time to learn how their {seats}-person team works today.",
            "First conversation with {contact}: how {company}'s {seats} reps sell today, and where they lose time.",
            "{contact} explained why {company} wants a new solution in place within {months} months.",
        ),
        "Demo": (
            "{rep} demoed the product to {contact}, using examples from {company}'s day-to-day work.",
            "Live demo for {company}. {contact} brought colleagues along and asked to see the details twice.",
            "The demo for {contact} at {company} covered three of their own use cases, for about {seats} users.",
        ),
        "Negotiation": (
            "{rep} and {contact} went through the proposal for {seats} seats line by line.",
            "{contact} from {company} came back with procurement's comments on the €{budget} offer.",
            "The conversation with {company} covered the last open points of the {term}-month contract.",
        ),
        "Onboarding": (
            "{rep} and {contact} planned the rollout: the first {team} users at {company} start on {day}.",
            "{company} has signed, and {contact} wanted to know what to expect in the first {weeks} weeks.",
            "{rep} helped {contact} set up {company}'s workspace and walked through the first steps.",
        ),
        "Check-in": (
            "{rep} asked {contact} how the first few months at {company} have gone; {usage}% of seats are active.",
            "Regular check-in: {contact} from {company} is happy overall and has two feature requests.",
            "{contact} was candid with {rep}: only about {usage}% of {company}'s seats are in use.",
        ),
        "Follow-up": (
            "{rep} called {contact} at {company} back with answers to last week's questions.",
            "Quick follow-up: {contact} has spoken to the team at {company} and came back with a few questions.",
            "{contact} had promised {rep} feedback from {company} and shared some first impressions.",
        ),
    },
    endings={
        "Next step agreed": (
            "They agreed to talk again on {day}.",
            "The next meeting is on {day}, this time with the head of finance.",
            "{contact} will bring the team leads to a call on {day}.",
        ),
        "Follow-up needed": (
            "{contact} wants to discuss it internally and asked for a written summary.",
            "Still open: budget approval for €{budget}, expected by {day}.",
            "{rep} will send the missing figures by {day}.",
        ),
        "Verbal yes": (
            "{contact} said yes, as long as the contract arrives by {day}.",
            "{company} wants to go ahead with {seats} seats and expects to sign on {day}.",
        ),
        "On hold": (
            "{company} is postponing the decision by {months} months because of a reorganisation.",
            "The project is on hold until the next budget; {rep} will check back in {months} months.",
        ),
        "Not a fit": (
            "It isn't the right time for {company}; they parted on good terms.",
            "{contact} decided to stay with their current solution for at least another {months} months.",
        ),
    },
    later_endings={
        "Next step agreed": (
            "They agreed to talk again on {day}.",
            "{rep} and {contact} will look at the usage figures together in {weeks} weeks.",
            "{contact} will bring the team leads to a call on {day}.",
        ),
        "Follow-up needed": (
            "{rep} will answer the remaining questions by {day}.",
            "{contact} is collecting the team's questions and will send them by {day}.",
        ),
    },
    topics=(
        Topic(
            "Pricing and seats",
            (
                "€{price} per seat works for them if there's a volume discount at {seats} seats.",
                "{contact} felt €{price} per seat was high compared with what they pay today.",
                "They went through the price list; {contact} expects a {discount}% discount for {seats} seats.",
            ),
            ("Send a quote for {seats} seats", "Get approval for a {discount}% discount"),
            ("How many people would use it in the first year?", "Who signs off on a budget of €{budget}?"),
            "The number of seats is the sticking point, not the price: only about {goal}% would use it daily.",
            (
                "So what would it cost us for, say, {seats} people?",
                "At that size it's €{price} per seat per month, billed annually.",
                "Hm, okay. And if we started with half of that?",
                "The price is locked in for {term} months either way, and you can add seats whenever you need them.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "CRM integration",
            (
                "The CRM integration matters most: reps spend about {hours} hours a week entering notes twice.",
                "{contact} asked how deals and contacts stay in sync with the CRM.",
                "{company} wants every call logged on the right deal in the CRM without any manual entry.",
            ),
            ("Send the CRM integration guide", "Set up a call with {company}'s CRM admin"),
            ("Which fields do your reps fill in after a call?", "Who owns the CRM on your side?"),
            "Reps at {company} each spend about {hours} hours a week on CRM notes.",
            (
                "Honestly, our reps still type everything into the CRM by hand. Nobody likes doing it.",
                "How long does that take them after each call?",
                "Ten minutes, maybe more. Across the team that's easily {hours} hours a week each.",
                "Right. With the integration, the summary is on the deal before they've even hung up.",
            ),
        ),
        Topic(
            "Data protection",
            (
                "{company}'s data protection officer wants to know where recordings are stored, and for how long.",
                "{contact} asked about recording consent and about deleting data after {months} months.",
                "A good part of the conversation was about data protection; EU hosting is a must for {company}.",
            ),
            ("Send the data processing agreement", "Answer the data protection officer's questions by {day}"),
            ("Who needs to consent to being recorded on your side?", "How long do you want to keep recordings?"),
            "{company} won't approve the purchase until the consent question is settled.",
            (
                "Where is the data stored, and who has access to it?",
                "Only in the EU, and you decide when it's deleted, say after {months} months.",
                "Okay, our data protection officer will want that in writing.",
                "Of course. I'll send you the agreement and the list of sub-processors today.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Pilot",
            (
                "They outlined a pilot with {team} people over {weeks} weeks, with clear success criteria.",
                "{contact} would like to try it with one team before {company} decides.",
                "The goal of the pilot: cut the time spent on prep and notes by {goal}%.",
            ),
            ("Write up the success criteria for the pilot", "Name {team} people for the pilot by {day}"),
            ("What would you need to see in a pilot to move forward?", "Which team would be a good one to start with?"),
            "A pilot with measurable goals would win over {company}'s leadership team.",
            (
                "I'd rather start small, with just one team.",
                "Makes sense. What would you want to see after {weeks} weeks?",
                "That people use it without being chased, and that it saves them time.",
                "Then let's agree on how we measure that. How about {goal}% less time spent on notes?",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Reporting",
            (
                "{contact} builds a management report by hand every Monday and would love to stop.",
                "{company}'s management wants to see figures for at least {usage}% of all calls.",
                "The reports covered most of their questions; they'd also like to export to a spreadsheet.",
            ),
            ("Build a sample report for {company}", "Show the export to {company}'s finance team"),
            (
                "Which number does your management team ask for first?",
                "How do you put the weekly report together today?",
            ),
            "The person who builds the weekly report at {company} is our strongest champion.",
            (
                "Every Monday I spend two hours on the same spreadsheet.",
                "And what happens with it after that?",
                "It goes to management. They look at three numbers, if that.",
                "Then let's start with those three. They'd be in your inbox at eight, without you doing anything.",
            ),
        ),
        Topic(
            "Team training",
            (
                "{contact} is worried that the {seats} field reps won't adopt yet another tool.",
                "Two short training sessions are planned, {weeks} weeks apart.",
                "New reps at {company} take {months} months to ramp up; listening to good calls would help.",
            ),
            ("Suggest dates for the training", "Collect {months} great calls to train new reps with"),
            ("How do new hires at {company} learn to sell?", "What made your last rollout difficult?"),
            "At {company}, adoption depends on the team leads more than on management.",
            (
                "To be honest, my team is tired of new tools.",
                "I hear that a lot. What was the last one that stuck?",
                "The one they didn't have to open.",
                "That's good to know, because here the summary comes to them, by email or in the channel.",
            ),
        ),
        Topic(
            "Migration",
            (
                "They want to bring over {recordings} existing recordings; {contact} asked how long that takes.",
                "Their contract with the current vendor ends in {weeks} weeks, so there's little time to migrate.",
                "They'd like to run both systems side by side for {weeks} weeks.",
            ),
            ("Estimate the effort to migrate {recordings} recordings", "Send a migration plan by {day}"),
            ("When does your current contract end?", "Which of your old data do you really need?"),
            "The timeline is driven by the old contract ending in {weeks} weeks, not by the budget.",
            (
                "We've got years of recordings in the old system.",
                "How many of those do you still listen to?",
                "The last {months} months, I'd say. The rest is just the archive.",
                "Then we'd bring those over first. That takes about a week.",
            ),
            unlikely_in=AFTER_PURCHASE,
        ),
        Topic(
            "Contract terms",
            (
                "Procurement wants a {term}-month contract with an option to leave halfway through.",
                "{contact} asked to pay quarterly instead of €{budget} up front.",
                "Two clauses are still open: the notice period and the price in year two.",
            ),
            ("Have legal review the revised clauses", "Send the {term}-month contract"),
            ("Who at {company} signs a contract worth €{budget}?", "What notice period are you used to?"),
            "Procurement at {company} gets involved late, but has a veto.",
            (
                "So, legal had a look. The notice period is too long for them.",
                "What would work for you?",
                "{term} months to begin with, then month to month.",
                "I can't promise that today, but you'll have an answer by {day}.",
            ),
            unlikely_in=("Discovery", *AFTER_PURCHASE),
        ),
        Topic(
            "Sign-in and permissions",
            (
                "{company}'s IT team needs single sign-on and team-based roles before anyone can start.",
                "{contact} wants managers to see only their own team, across all {regions} regions.",
                "{company}'s security review is scheduled for {day}.",
            ),
            ("Send the security white paper", "Set up a single sign-on test with IT"),
            ("Which identity provider do you use?", "Who should be able to see which calls?"),
            "Without single sign-on, {company}'s IT team won't give {seats} people access.",
            (
                "The first thing IT will ask me about is single sign-on.",
                "It's included, and setting it up takes about an hour.",
                "Great. And can a manager see just their own team?",
                "Yes, the roles follow the teams you already have.",
            ),
        ),
    ),
    meeting_name=("{type}: {company} and Example", "{company}: {topic}", "{type} with {contact}, {company}"),
    call_name=("Call with {contact} ({company})", "{contact}, {company}: {topic}", "{type} call, {company}"),
    deal="{company}, {seats} seats",
    greeting=(
        "Hi {contact_first}, good to hear from you! Before we start, are you okay with me recording this call?",
        "Hi {rep_first}, sure, no problem. I've got about half an hour.",
        "Perfect. I thought we could start with where things stand at {company}.",
    ),
    farewell=(
        "I think that's everything on my list for today.",
        "Great. I'll write up what we agreed and send it over this afternoon.",
        "Thanks, {rep_first}, this was really helpful.",
        "Thanks for your time. Talk to you on {day}!",
    ),
    subject=("Our call today", "Summary and next steps for {company}", "{company}: what we agreed"),
    body=(
        "Hi {contact_first},\n\nThank you for your time today. As promised, here's what we agreed:\n\n{points}\n\n"
        "Does {day} still work for our next call?\n\nBest regards,\n{rep_first}"
    ),
    internal_names=("Pipeline review", "Forecast call", "Deal review: {company}", "Weekly team meeting"),
    internal_summary=(
        "The team reviewed {team} open deals; the pipeline covers {usage}% of the quarterly target.",
        "Most of the meeting was about {company} ({seats} seats): who can help, and what has to happen by {day}.",
        "{rep} gave an update on {company}; the quarterly forecast was lowered by {discount}%.",
        "Three deals slipped to next quarter, including {company} at €{budget}.",
    ),
    internal_tasks=(
        "Update the forecast by {day}",
        "Ask {company} for a meeting with their leadership team",
        "Close out {team} stale deals",
    ),
    internal_lines=(
        "Let's start with the deals closing this month.",
        "{company} looks good, I expect them to sign on {day}.",
        "What could still go wrong?",
        "Procurement, probably. I'd like someone to join me on the next call.",
        "Okay, let's put it at {usage}% for now and look at it again next week.",
    ),
    comments=("Great questions at the start!", "Please add the budget to the deal.", "Good example for new reps."),
    feedback=(
        "Asked about the customer's goals",
        "Discussed budget and decision process",
        "Agreed on a dated next step",
    ),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
)
