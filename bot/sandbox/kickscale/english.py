"""English sales calls."""

from bot.sandbox.kickscale.phrases import Phrases, Topic

ENGLISH = Phrases(
    code="en",
    openings={
        "Discovery": (
            "{rep} met {contact} of {company} for the first time to learn how the team of {seats} works today.",
            "In a first talk, {contact} described how {company} sells with {seats} people and where time is lost.",
            "{contact} told {rep} why {company} is looking for something new within {months} months.",
        ),
        "Demo": (
            "{rep} showed {contact} the product with examples from the daily work of {company}.",
            "{company} saw a live demo; {contact} followed it with colleagues and asked to see the details twice.",
            "The demo for {contact} of {company} went through three of their own cases, for about {seats} users.",
        ),
        "Negotiation": (
            "{rep} and {contact} went through the offer for {seats} seats line by line.",
            "{contact} of {company} came back with the remarks of purchasing on the offer of {budget} euros.",
            "The talk with {company} was about the last open points of the contract over {months} months.",
        ),
        "Onboarding": (
            "{rep} planned the start with {contact}: the first {seats} users of {company} begin on {day}.",
            "{company} has signed, and {contact} wanted to know what happens in the first {months} months.",
            "With {contact}, {rep} set up the workspace of {company} and went through the first steps.",
        ),
        "Check-in": (
            "{rep} asked {contact} how the first months at {company} went; {percent} percent of the seats are in use.",
            "In the regular check-in, {contact} of {company} was largely content and named two wishes.",
            "{contact} gave {rep} an honest picture: {company} uses about {percent} percent of what it bought.",
        ),
        "Follow-up": (
            "{rep} called {contact} of {company} back about the questions from last time.",
            "A short follow-up: {contact} has talked to the team of {seats} at {company} and wants to go on.",
            "{contact} had promised {rep} an answer from {company} and gave a first one.",
        ),
    },
    endings={
        "Next step agreed": (
            "They agreed to talk again on {day}.",
            "The next appointment is on {day}, this time with the head of finance.",
            "{contact} will bring the team leads along on {day}.",
        ),
        "Follow-up needed": (
            "{contact} wants to discuss it internally and asked for a written summary.",
            "Open until {day}: the approval of the budget of {budget} euros.",
            "{rep} is to send the missing figures by {day}.",
        ),
        "Verbal yes": (
            "{contact} said yes, provided that the contract arrives by {day}.",
            "{company} wants to go ahead with {seats} seats; the signature is expected on {day}.",
        ),
        "On hold": (
            "{company} puts the decision off by {months} months because of a reorganisation.",
            "The project rests until the new budget; {rep} is to ask again in {months} months.",
        ),
        "Not a fit": (
            "For {company} it is not the right moment; they parted on good terms.",
            "{contact} chose to stay with the present solution for another {months} months.",
        ),
    },
    topics=(
        Topic(
            "price and seats",
            (
                "The price of {price} euros a seat is within reach, if {seats} seats bring a discount.",
                "{contact} found {price} euros a seat high and compared it with what they pay today.",
                "They went through the price list; for {seats} seats {contact} expects {percent} percent off.",
            ),
            ("Send an offer for {seats} seats", "Ask for approval of {percent} percent discount"),
            ("How many people would work with it in the first year?", "Who decides on a budget of {budget} euros?"),
            "The price is not the obstacle, the number of seats is: only {percent} percent would use it every day.",
            (
                "What would it cost us for, say, {seats} people?",
                "At that size it is {price} euros a seat and month, billed once a year.",
                "Hm, and if we started with half of them?",
                "Then the price stays the same for {months} months, and you add seats when you need them.",
            ),
        ),
        Topic(
            "the connection to the CRM",
            (
                "The connection to their CRM matters most: notes are typed twice today, about {seats} a week.",
                "{contact} asked how deals and contacts are kept in step with the CRM.",
                "{company} wants every talk on the right deal in the CRM without anybody typing.",
            ),
            ("Send the guide to the CRM connection", "Arrange a talk with the CRM administrator of {company}"),
            ("Which fields do your reps fill in after a talk?", "Who looks after the CRM on your side?"),
            "Reps at {company} spend about {percent} percent of a day on notes in the CRM.",
            (
                "Our reps type everything into the CRM by hand. Nobody enjoys that.",
                "How long does it take them after each talk?",
                "Ten minutes, maybe more. With {seats} talks a week it adds up.",
                "With the connection the summary is on the deal before they have put the phone down.",
            ),
        ),
        Topic(
            "data protection",
            (
                "The data protection officer of {company} wants to know where recordings lie and for how long.",
                "{contact} asked about consent to the recording and about deletion after {months} months.",
                "Data protection took a good part of the time; servers in the EU are a condition for {company}.",
            ),
            ("Send the data processing agreement", "Answer the questions of the data protection officer by {day}"),
            ("Who has to agree to the recording on your side?", "How long do you want to keep recordings?"),
            "Consent is the question on which the approval at {company} hangs.",
            (
                "Where does the data lie, and who can get at it?",
                "In the EU only, and you decide when it is deleted, for example after {months} months.",
                "Our data protection officer will want that in writing.",
                "Of course. I'll send the agreement with the list of sub-processors today.",
            ),
        ),
        Topic(
            "the pilot",
            (
                "They outlined a pilot with {seats} people over {months} months and clear goals.",
                "{contact} would like to try it with one team first before {company} decides.",
                "The goal of a pilot: {percent} percent less time spent on preparing and on notes.",
            ),
            ("Write down the goals of the pilot", "Name {seats} people for the pilot by {day}"),
            ("What would have to be true after the pilot for you to go on?", "Which team would be a good first one?"),
            "A pilot with measurable goals would convince the management of {company}.",
            (
                "I'd rather begin small, with one team.",
                "Good idea. What would you want to see after {months} months?",
                "That people use it without being told to, and save time.",
                "Then let's write down now how we measure that, say {percent} percent less time on notes.",
            ),
        ),
        Topic(
            "reporting",
            (
                "{contact} builds a report for management by hand each Monday and would like to get rid of it.",
                "For management, {company} needs figures on {percent} percent of all talks at least.",
                "The reports shown answered most of the questions; an export to a spreadsheet is still wanted.",
            ),
            ("Build a sample report for {company}", "Show the export to the controlling of {company}"),
            ("Which figure does your management ask for first?", "How do you prepare the weekly report today?"),
            "Whoever prepares the weekly report at {company} is our strongest ally.",
            (
                "Every Monday I sit over a spreadsheet for two hours.",
                "What do you do with it then?",
                "It goes to management. They look at three figures in it, if that.",
                "Let's take exactly these three, then. They would be there at eight without your doing anything.",
            ),
        ),
        Topic(
            "training the team",
            (
                "{contact} worries that the {seats} people in the field will not take to yet another tool.",
                "Two short trainings are planned, the second one {months} weeks after the first.",
                "New reps take {months} months to get going at {company}; good talks to listen to would help.",
            ),
            ("Propose dates for the training", "Collect {months} good talks for the training of new reps"),
            ("How do new people learn to sell at {company}?", "What made the last roll-out difficult?"),
            "The team leads at {company} decide whether people take to it, more than management does.",
            (
                "Honestly, my people are tired of new tools.",
                "I hear that often. What was the last one that worked?",
                "The one that they didn't have to open.",
                "Then it helps that the summary comes to them, by mail or in the channel.",
            ),
        ),
        Topic(
            "the move from the old system",
            (
                "{seats} old recordings are to come along; {contact} asked how long the move takes.",
                "The contract with the present vendor ends in {months} months, so the time for a move is short.",
                "They would like to run both systems side by side for {months} weeks.",
            ),
            ("Estimate the effort of moving {seats} recordings", "Send a plan for the move by {day}"),
            ("When does your present contract end?", "What of the old data do you really need?"),
            "The end of the old contract in {months} months sets the date, not the budget.",
            (
                "We have years of recordings in the old system.",
                "How many of them do you still look at?",
                "The last {months} months, I'd say. The rest is for the archive.",
                "Then we bring those along first. That is done within a week.",
            ),
        ),
        Topic(
            "terms of the contract",
            (
                "Purchasing wants {months} months with a way out after half of them.",
                "{contact} asked for payment each quarter instead of {budget} euros up front.",
                "The notice period and the price in the second year are the two open clauses.",
            ),
            ("Have the changed clauses checked", "Send the contract over {months} months"),
            ("Who signs a contract of {budget} euros at {company}?", "What do your terms say about notice periods?"),
            "Purchasing at {company} comes in late, but with a veto.",
            (
                "Legal has had a look. The notice period is too long for them.",
                "What would work for you?",
                "{months} months to begin with, and then month by month.",
                "I can't promise that today, but you'll have an answer by {day}.",
            ),
        ),
        Topic(
            "sign-in and access",
            (
                "IT at {company} asks for single sign-on and for roles by team before anybody starts.",
                "{contact} wants managers to see their own team alone, in all {months} regions.",
                "A check by the security team of {company} is set for {day}.",
            ),
            ("Send the security white paper", "Set up a test of single sign-on with IT"),
            ("Which identity provider do you use?", "Who may see which talks?"),
            "Without single sign-on, IT at {company} will not let {seats} people in.",
            (
                "IT will ask me about single sign-on before anything else.",
                "It is part of the package, and the set-up takes an hour.",
                "And can a manager see only the own team?",
                "Yes, roles follow the teams that you have already.",
            ),
        ),
    ),
    meeting_name=("{type}: {company} and Example", "{company}: {topic}", "{type} with {contact}, {company}"),
    call_name=("Call with {contact} ({company})", "{contact}, {company}: {topic}", "{type} call, {company}"),
    greeting=(
        "Hello {contact}, good to hear you. Are you all right with this talk being recorded?",
        "Hello {rep}, yes, that's fine. I've got about half an hour.",
        "Perfect. I thought we'd begin with where {company} stands today.",
    ),
    farewell=(
        "That was all that I had on my list for today.",
        "Let me sum up what I take along, and I'll send it in writing today.",
        "Thank you, {rep}. That helped a lot.",
        "Thank you too. Talk to you on {day}!",
    ),
    subject=("Our talk today", "Summary and next steps for {company}", "{company}: what we agreed on"),
    body=(
        "Hello {contact},\n\nthank you for the time today. As promised, the points we agreed on:\n\n{points}\n\n"
        "Is {day} still a good day for you to go on?\n\nBest regards\n{rep}"
    ),
    internal_names=("Pipeline review", "Forecast", "Deal clinic: {company}", "Team weekly"),
    internal_summary=(
        "The team went through {seats} open deals; {percent} percent of the quarter's goal is covered.",
        "{company} was the talk's main point: who helps, what is missing, and what it takes by {day}.",
        "{rep} reported on {company}; the forecast for the quarter was lowered by {percent} percent.",
        "Three deals were moved to the next quarter, among them {company} with {budget} euros.",
    ),
    internal_tasks=(
        "Update the forecast by {day}",
        "Ask {company} for a date with management",
        "Tidy up {seats} old deals",
    ),
    internal_lines=(
        "Let's begin with the deals that close this month.",
        "{company} looks good, I expect the signature on {day}.",
        "What could still go wrong there?",
        "Purchasing. I'd like somebody to come along to the next talk.",
        "Then put it at {percent} percent for now, and we'll see again next week.",
    ),
    comments=("Great questions at the beginning!", "Please put the budget on the deal.", "Good example for new reps."),
    feedback=("Goals of the customer asked for", "Budget and decision discussed", "Next step agreed with a date"),
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
)
