"""Settings that are addresses."""

import pytest

from bot.config.addresses import read_hosts


def test_hosts_are_read_as_people_list_them() -> None:
    """In any case, with commas or spaces."""
    assert read_hosts("Storage.example.com, *.s3.example.org") == ("storage.example.com", "*.s3.example.org")
    assert read_hosts("") == ()


@pytest.mark.parametrize("text", ["*", "https://storage.example.com", "a b", "*.*.example.com", "10.0.0.1"])
def test_other_texts_are_no_hosts(text: str) -> None:
    """The error has an example."""
    with pytest.raises(ValueError, match="must be host names"):
        read_hosts(text)
