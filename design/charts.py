"""Charts as SVG, drawn on the server by Vega-Lite; each stands beside its sentence and its table on the page.

Drawn once a content: the SVG is kept in the cache under the hash of what it shows. The process that draws must not fork afterwards.
"""

import hashlib
import json
from typing import Any

import vl_convert
from django.core.cache import cache

DAY = 24 * 60 * 60
ACCENT = "#0b5563"
INK = "#1d2b30"
GRID = "#e3e8ea"
FEW = 5
ALONG, LABEL = 320, 240
"""How long bars that lie, and their names, may be: what is drawn wider is shrunk on a phone until nobody can read it."""
FAMILY = "Source Sans 3, Arial, sans-serif"


def bars(rows: list[tuple[str, float]], *, horizontal: bool = False, format: str = "~s") -> str:
    """A bar a row, in the order given; labels are the first values, lengths the second. Empty where no bar has a length."""
    if not any(value for _, value in rows):
        return ""
    axis: dict[str, Any] = {"format": format, "tickCount": 5}
    if format == "d" and (top := max((value for _, value in rows), default=0)) < FEW:
        axis["values"] = list(range(int(top) + 1))  # no halves, which would be written as whole numbers
    if min((value for _, value in rows), default=0) < 0:
        axis["gridColor"] = {"condition": {"test": "datum.value === 0", "value": INK}, "value": GRID}
    along = {"field": "value", "type": "quantitative", "title": None, "axis": axis}
    across = {"field": "label", "type": "nominal", "title": None, "sort": None, "axis": {"labelAngle": 0, "labelLimit": LABEL}}
    spec = {
        "data": {"values": [{"label": label, "value": value} for label, value in rows]},
        "mark": {"type": "bar", "color": ACCENT, "cornerRadiusEnd": 2},
        "encoding": {"y": across, "x": along} if horizontal else {"x": across, "y": along},
        "width": ALONG if horizontal else 520,
        "height": {"step": 30} if horizontal else 220,
    }
    return draw(spec)


def draw(spec: dict[str, Any]) -> str:
    """The SVG of a Vega-Lite specification, in the house's type and colours."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": None,
        "config": {
            "font": FAMILY,
            "axis": {"labelFontSize": 15, "labelColor": INK, "gridColor": GRID, "domainColor": "#8a989d", "tickColor": "#8a989d"},
            "view": {"stroke": None},
        },
        **spec,
    }
    text = json.dumps(whole, sort_keys=True)
    key = f"chart:{hashlib.sha256(text.encode()).hexdigest()}"
    svg = cache.get(key)
    if svg is None:
        svg = vl_convert.vegalite_to_svg(text, vl_version="5.21")
        cache.set(key, svg, DAY)
    return svg
