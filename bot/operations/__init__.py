"""What operators run: doctor, status, manifest."""
