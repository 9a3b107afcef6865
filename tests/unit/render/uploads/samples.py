"""Offers and uploads to render."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.model.uploads import Attestation, Failure, Offer, OfferedFile, Upload, UploadState
from tests.unit.render import samples

AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
CALL = OfferedFile("F1", "acme.mp3", 12_345_678)


def offer(*shared: OfferedFile) -> Offer:
    return Offer("o-1", "C1", "1.1", "1.1", "U1", "", shared or (CALL,), AT)


sizes = st.integers(0, 2**62)
users = st.just("U1") | samples.texts
moments = st.datetimes(timezones=st.just(UTC))
attestations = st.builds(Attestation, users, moments)
uploads = st.builds(
    Upload,
    id=st.integers(1, 2**62),
    source=samples.texts,
    name=samples.texts,
    size=sizes,
    fields=st.just({}),
    external_id=samples.texts,
    attestation=attestations,
    created_at=moments,
    state=st.sampled_from(UploadState),
    call=samples.texts,
    failure=st.none()
    | st.builds(
        Failure.of,
        st.sampled_from(("rejected", "gone", "too_large", "format", "redirected", "")) | samples.texts,
        samples.texts | st.just("9" * 400),
    ),
    is_unanalysed=st.booleans(),
    cancelled_by=users,
)
