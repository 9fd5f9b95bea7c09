"""SVG pictures of the documentation: boxes, arrows and text that read on light and on dark ground."""

from html import escape

FONT = 15  # px; 12 px or more where an 860 px wide picture is shown 700 px wide
CHARACTER = 7.9  # px, width of one at FONT, on average

# fill and stroke of each kind of box on light and on dark ground
KINDS = {
    "plain": (("#f6f8fa", "#57606a"), ("#21262d", "#8b949e")),
    "array": (("#ddf4ff", "#0969da"), ("#0c2d6b", "#58a6ff")),
    "memory": (("#fff8c5", "#9a6700"), ("#3b2f00", "#d29922")),
    "outlier": (("#ffebe9", "#cf222e"), ("#5a1e1e", "#ff7b72")),
    "frame": (("none", "#8c959f"), ("none", "#6e7681")),
}
LINE = ("#57606a", "#8b949e")
TEXT = ("#1f2328", "#e6edf3")
QUIET = ("#57606a", "#9ea7b3")
SERIES = (("#0969da", "#58a6ff"), ("#cf222e", "#ff7b72"), ("#1a7f37", "#3fb950"), ("#8250df", "#bc8cff"))


def _rules(ground):
    rules = [f".{kind}{{fill:{pair[ground][0]};stroke:{pair[ground][1]}}}" for kind, pair in KINDS.items()]
    rules += [f".line{{stroke:{LINE[ground]}}}", f".head{{fill:{LINE[ground]}}}"]
    rules += [f"text{{fill:{TEXT[ground]}}}", f"text.quiet{{fill:{QUIET[ground]}}}"]
    for i, colours in enumerate(SERIES):
        rules += [f".s{i}{{stroke:{colours[ground]}}}", f"text.t{i},.d{i}{{fill:{colours[ground]}}}"]
    return "".join(rules)


STYLE = (
    f"text{{font:{FONT}px -apple-system,'Segoe UI',Helvetica,Arial,sans-serif}}"
    "text.bold{font-weight:600}rect{stroke-width:1.2}"
    ".grid{opacity:.35}.line,.s0,.s1,.s2,.s3{fill:none;stroke-width:1.4}.frame,.dashed{stroke-dasharray:5 4}"
    f"{_rules(0)}@media (prefers-color-scheme:dark){{{_rules(1)}}}"
)


class Picture:
    """A picture of width x height pixels; coordinates count from its top left corner."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self._parts = []

    def add(self, element):
        self._parts.append(element)

    def text(self, x, y, text, anchor="middle", style=""):
        """Text whose baseline is at y. ValueError if it leaves the picture."""
        length = len(text) * CHARACTER
        left = x - {"start": 0, "middle": length / 2, "end": length}[anchor]
        if left < 0 or left + length > self.width or not FONT * 0.7 <= y <= self.height:
            raise ValueError(f"{self.title}: the text {text!r} leaves the picture")
        kind = f' class="{style}"' if style else ""
        self.add(f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{escape(text)}</text>')

    def box(self, x, y, width, height, lines="", kind="plain"):
        """A box with lines of text in its middle. ValueError if a line is wider than the box."""
        self.add(f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4"/>')
        lines = lines.split("\n") if lines else []
        first = y + height / 2 - (len(lines) - 1) * 9 + FONT * 0.36
        for i, line in enumerate(lines):
            if len(line) * CHARACTER > width:
                raise ValueError(f"{self.title}: the text {line!r} is wider than its box")
            self.text(x + width / 2, first + i * 18, line)

    def frame(self, x, y, width, height, label):
        """A dashed frame with a label in its top left corner."""
        self.add(f'<rect class="frame" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6"/>')
        if 16 + len(label) * CHARACTER > width:
            raise ValueError(f"{self.title}: the text {label!r} is wider than its frame")
        self.text(x + 8, y + 16, label, "start", "quiet")

    def line(self, *points, style="line"):
        self.add(f'<polyline class="{style}" points="{_points(points)}"/>')

    def arrow(self, *points, label="", at=None, anchor="middle"):
        """A line through the points with a head at the last one; `at` is where the label goes."""
        (x0, y0), (x1, y1) = points[-2:]
        dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
        self.line(*points[:-1], (x1 - 7 * dx, y1 - 7 * dy))
        corners = [(x1, y1), (x1 - 8 * dx - 4 * dy, y1 - 8 * dy - 4 * dx)]
        corners.append((x1 - 8 * dx + 4 * dy, y1 - 8 * dy + 4 * dx))
        self.add(f'<polygon class="head" points="{_points(corners)}"/>')
        if label:
            self.text(*(at or ((x0 + x1) / 2, (y0 + y1) / 2 - 5)), label, anchor, "quiet")

    def svg(self):
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
        head += f'viewBox="0 0 {self.width} {self.height}" role="img">'
        parts = [head, f"<title>{escape(self.title)}</title>", f"<style>{STYLE}</style>"]
        return "\n".join([*parts, *self._parts, "</svg>", ""])


def _points(points):
    return " ".join(f"{x:g},{y:g}" for x, y in points)
