"""The types that Slack derives from a file's name: https://docs.slack.dev/reference/objects/file-object#types"""

_TYPES = {
    "wav": ("wav", "audio/wav"),
    "mp3": ("mp3", "audio/mpeg"),
    "m4a": ("m4a", "audio/mp4"),
    "ogg": ("ogg", "audio/ogg"),
    "flac": ("flac", "audio/flac"),
    "aac": ("aac", "audio/aac"),
    "mp4": ("mp4", "video/mp4"),
    "mov": ("mov", "video/quicktime"),
    "webm": ("webm", "video/webm"),
    "mkv": ("mkv", "video/x-matroska"),
    "avi": ("avi", "video/x-msvideo"),
    "wmv": ("wmv", "video/x-ms-wmv"),
    "mpg": ("mpg", "video/mpeg"),
    "3gp": ("3gp", "video/3gpp"),
    "html": ("html", "text/html"),
    "txt": ("text", "text/plain"),
    "md": ("markdown", "text/plain"),
    "eml": ("email", "message/rfc822"),
    "csv": ("csv", "text/csv"),
    "pdf": ("pdf", "application/pdf"),
    "png": ("png", "image/png"),
    "jpg": ("jpg", "image/jpeg"),
    "zip": ("zip", "application/zip"),
}
_BINARY = ("binary", "application/octet-stream")


def _of(name: str) -> tuple[str, str]:
    return _TYPES.get(name.rpartition(".")[2].lower(), _BINARY)


def filetype(name: str) -> str:
    return _of(name)[0]


def mimetype(name: str) -> str:
    return _of(name)[1]
