from pathlib import Path

import pytest

from tests.unit.uploads.recordings.synthesis import wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "2026-11-20 14.30 Pricing.wav").write_bytes(wav(3))
    (recordings / "notes.txt").write_text("no recording")
    return recordings
