"""From recordings that somebody shared to uploads that are promised."""
