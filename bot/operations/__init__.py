"""For operators: doctor, status, manifest."""
