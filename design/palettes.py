"""The vetted sets of colours an organisation chooses its look from, and the style sheet that wears one.

Colours are chosen here and never typed in by anybody: a test holds each set against WCAG 2.2's contrasts. The sheet only sets custom
properties that the built style sheet uses, so that the strict Content-Security-Policy needs no inline style.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Palette:
    """`accent` is behind white words and drawn on white; `night` is behind the head and foot of every page."""

    title: str
    accent: str
    accent_deep: str
    accent_shadow: str
    night: str
    night_low: str
    """The strip below the head, a shade darker."""
    night_rule: str
    head_quiet: str
    """Quieter words on `night`."""
    copper: str
    """The line above the foot and the tag in the strip, behind words in `night`."""


PALETTES: dict[str, Palette] = {
    "harbour": Palette("Harbour (teal)", "#0b5563", "#083f4a", "#052a32", "#10333d", "#0c2830", "#2b505a", "#b9d3d6", "#e8a06a"),
    "orchard": Palette("Orchard (green)", "#1f5c33", "#174526", "#0e2c18", "#183524", "#12291b", "#365642", "#bcd6c4", "#e3b34c"),
    "plum": Palette("Plum (purple)", "#5b2a68", "#45204f", "#2c1432", "#33203a", "#28182e", "#55405c", "#d6c4dc", "#f0a48c"),
    "brick": Palette("Brick (red brown)", "#7c3415", "#5e2710", "#3c190a", "#3a221a", "#2d1a13", "#5b4238", "#dfc9bf", "#8fc7cc"),
    "slate": Palette("Slate (blue grey)", "#2c4a78", "#21385b", "#15243b", "#1f2c40", "#172133", "#40506a", "#c3cfdf", "#f2c14e"),
}
USUAL = "harbour"
TYPEFACES: dict[str, tuple[str, str]] = {
    "source": ("Source Sans", '"Source Sans 3 Variable", system-ui, sans-serif'),
    "system": ("The reader's own system", 'system-ui, -apple-system, "Segoe UI", roboto, "Helvetica Neue", arial, sans-serif'),
    "clear": ("Verdana, wide and open", 'verdana, "DejaVu Sans", geneva, sans-serif'),
}
USUAL_TYPEFACE = "source"


def sheet(palette: str, typeface: str) -> str:
    """The style sheet of one look; what is not known falls back to the usual."""
    chosen = PALETTES.get(palette, PALETTES[USUAL])
    names = [field.name for field in fields(chosen) if field.name != "title"]
    colours = "".join(f"--{name.replace('_', '-')}:{getattr(chosen, name)};" for name in names)
    stack = TYPEFACES.get(typeface, TYPEFACES[USUAL_TYPEFACE])[1]
    return f":root{{{colours}--typeface:{stack}}}\n"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2.2 reckons it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
