"""Lists, details, shared answers, transcripts."""
