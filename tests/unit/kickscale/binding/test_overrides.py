"""The settings overrule what the document says."""

import pytest

from bot.config.api_overrides import FORMS, STYLES
from bot.kickscale.binding.bind import DEFAULT, ById, DomainFilter, Form, Source, Upload, UploadStyle, bind
from tests.unit.kickscale.binding.documents import MULTIPART, document, overridden, post, query, with_paths


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("customerDomains", DomainFilter("customerDomains", Form.SINGLE, Source.OVERRIDE)),
        ("d:single", DomainFilter("d", Form.SINGLE, Source.OVERRIDE)),
        ("domains[]:repeated", DomainFilter("domains[]", Form.REPEATED, Source.OVERRIDE)),
        (" d:COMMA ", DomainFilter("d", Form.COMMA, Source.OVERRIDE)),
        ("none", DomainFilter("", source=Source.OVERRIDE)),
    ],
)
def test_the_settings_overrule_the_domain_filter(word: str, expected: DomainFilter) -> None:
    """For both kinds."""
    binding = overridden(bind(document([query("other_domain")])), domain_filter=word)
    assert binding.calls.domain_filter == binding.meetings.domain_filter == expected


def test_the_settings_overrule_how_one_is_asked_for() -> None:
    """As a path or as a parameter of a list."""
    binding = overridden(DEFAULT, call_path="/v2/calls/{callId}", meeting_path="/meetings?meetingId=")
    assert binding.calls.by_id == ById("/v2/calls/{callId}", source=Source.OVERRIDE)
    assert binding.meetings.by_id == ById("/meetings", "meetingId", Source.OVERRIDE)
    assert overridden(DEFAULT, call_path="/calls?id={id}").calls.by_id == ById("/calls", "id", Source.OVERRIDE)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("/calls/upload", Upload("/calls/upload", source=Source.OVERRIDE)),
        ("multipart /calls/upload audio", Upload("/calls/upload", file_field="audio", source=Source.OVERRIDE)),
        ("presigned /calls/new", Upload("/calls/new", UploadStyle.PRESIGNED, "", source=Source.OVERRIDE)),
        ("URL /calls/new link", Upload("/calls/new", UploadStyle.URL, "link", source=Source.OVERRIDE)),
    ],
)
def test_the_settings_overrule_the_upload(word: str, expected: Upload) -> None:
    """Its style, its path and its field."""
    assert overridden(DEFAULT, upload=word).upload == expected


def test_an_upload_moved_to_where_it_was_found_keeps_what_the_document_says() -> None:
    """Only the field is overruled then."""
    bound = bind(with_paths({"/calls": post("multipart/form-data", MULTIPART)}))
    chosen = overridden(bound, upload="/calls sound").upload
    assert (chosen.file_field, chosen.fields, chosen.source) == ("sound", bound.upload.fields, Source.OVERRIDE)


def test_empty_settings_change_nothing() -> None:
    """A setting that is not set."""
    assert overridden(DEFAULT, domain_filter=" ", call_path="", meeting_path="", upload="  ") == DEFAULT


def test_the_settings_know_every_form_and_style() -> None:
    """They are read without the API's types."""
    assert set(FORMS) == set(Form)
    assert set(STYLES) == set(UploadStyle)


@pytest.mark.parametrize(
    "setting",
    [
        {"domain_filter": "a b"},
        {"domain_filter": "name:many"},
        {"domain_filter": ":single"},
        {"domain_filter": "a&b"},
        {"call_path": "calls/{id}"},
        {"call_path": "/calls"},
        {"call_path": "/calls/{id}/{id}"},
        {"call_path": "/calls?"},
        {"call_path": "/calls?id"},
        {"call_path": "/calls/{id}?id="},
        {"meeting_path": "//example.com/{id}"},
        {"meeting_path": "https://example.com/{id}"},
        {"meeting_path": "/../{id}"},
        {"upload": "calls"},
        {"upload": "smoke /calls/signals up"},
        {"upload": "multipart"},
        {"upload": "multipart /calls a b"},
        {"upload": "multipart //example.com/calls"},
    ],
)
def test_a_bad_setting_is_refused_with_a_sentence(setting: dict[str, str]) -> None:
    """It names what was written and an example."""
    with pytest.raises(ValueError, match=r"^must (be|look like) .*, not '.*'\.$"):
        overridden(DEFAULT, **setting)
