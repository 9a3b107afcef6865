"""Reads the settings that override how Kickscale's API is used.

Each function raises ValueError with a message that continues "SETTING_NAME …".
"""

import re

from bot.model.api_overrides import ApiOverrides, ByIdOverride, DomainFilterOverride, UploadOverride
from bot.tools.url_paths import is_path, names_one_by_id

FORMS = ("single", "repeated", "comma")
STYLES = ("multipart", "presigned", "url")


def read_api_overrides(
    *, domain_filter: str = "", call_path: str = "", meeting_path: str = "", upload: str = ""
) -> ApiOverrides:
    """Return what these settings override; blank ones override nothing.

    `domain_filter` is `NAME`, `NAME:single`, `NAME:repeated`, `NAME:comma` or `none`; a path is `/calls/{id}` or
    `/calls?id=`; `upload` is `[multipart|presigned|url] /calls/upload [FIELD]`.
    """
    return ApiOverrides(
        domain_filter=_read_domain_filter(domain_filter.strip()) if domain_filter.strip() else None,
        call=_read_by_id(call_path.strip()) if call_path.strip() else None,
        meeting=_read_by_id(meeting_path.strip()) if meeting_path.strip() else None,
        upload=_read_upload(upload.strip()) if upload.strip() else None,
    )


def _read_domain_filter(text: str) -> DomainFilterOverride:
    if text.lower() == "none":
        return DomainFilterOverride("")
    name, _, form = text.partition(":")
    if not re.fullmatch(r"[\w.\[\]-]+", name, re.ASCII) or form.lower() not in ("", *FORMS):
        raise ValueError(f"must be NAME, NAME:single, NAME:repeated, NAME:comma or none, not {text!r}.")
    return DomainFilterOverride(name, form.lower() or "single")


def _read_by_id(text: str) -> ByIdOverride:
    match = re.fullmatch(r"([^?]+)(?:\?([\w.\[\]-]+)=(?:\{id\})?)?", text, re.ASCII)
    path, parameter = (match[1], match[2] or "") if match else ("", "")
    if not is_path(path) or not names_one_by_id(path, parameter):
        raise ValueError(f"must be a path like /calls/{{id}} or /calls?id=, not {text!r}.")
    return ByIdOverride(path, parameter)


def _read_upload(text: str) -> UploadOverride:
    match = re.fullmatch(rf"(?:({'|'.join(STYLES)})\s+)?(\S+)(?:\s+(\S+))?", text, re.IGNORECASE)
    if match is None or not is_path(match[2]):
        raise ValueError(f"must look like /calls/upload or multipart /calls/upload file, not {text!r}.")
    return UploadOverride(match[2], (match[1] or "").lower(), match[3] or "")
