"""How names are searched: folded so that width, case and accents do not matter. Pure."""

import unicodedata


def folded(text: str) -> str:
    """Full width to half width, lower case, no accents, single spaces: `ＡＢＣ  Café` becomes `abc cafe`."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def like_pattern(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere, its own `%`, `_` and `\\` taken literally."""
    escaped = folded(text).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
