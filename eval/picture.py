"""Pictures of the pages: SVG with text as text, readable on light and on dark ground.

Draw with `pyplot()` in the colours named here only; `save` writes each of them for a light ground and adds a
style sheet that changes them on a dark one. Text has at least 12 px in a page of 700 px if figures are at
most WIDTH inches wide. Series need a marker, a dash pattern or a label besides their colour."""

from __future__ import annotations

import html
import io
import pathlib
import re

WIDTH = 7.2
FONT_SIZE = 9.0

# Name -> colour on light, on dark ground. Contrast of text to the ground: at least 4.5 to 1.
COLOURS = {
    "ground": ("#ffffff", "#0d1117"),  # edges of markers that lie upon each other
    "text": ("#1f2328", "#e6edf3"),
    "grid": ("#d1d9e0", "#3d444d"),
    "grey": ("#59636e", "#9198a1"),
    "blue": ("#0550ae", "#79c0ff"),
    "orange": ("#bc4c00", "#ffa657"),
    "green": ("#116329", "#56d364"),
    "purple": ("#6639ba", "#d2a8ff"),
    "teal": ("#1b7c83", "#56d4dd"),
    "brown": ("#7d4e00", "#d8b27a"),
    "pink": ("#a8307a", "#ff9bce"),
}
BLUE, ORANGE, GREEN, PURPLE, GREY, TEXT, GRID, GROUND = (
    COLOURS[name][0] for name in ("blue", "orange", "green", "purple", "grey", "text", "grid", "ground")
)
# In the order in which parts of a stack or series take them.
SERIES = [COLOURS[n][0] for n in ("blue", "orange", "green", "purple", "brown", "teal", "grey", "pink")]


def pyplot(salt: str):
    """matplotlib without a display, in this style; the same picture from the same figures and salt."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    plt.rcParams.update(
        {
            "font.size": FONT_SIZE,
            "axes.titlesize": FONT_SIZE + 1,
            "font.sans-serif": ["DejaVu Sans", "sans-serif"],
            "svg.fonttype": "none",
            "svg.hashsalt": salt,
            "text.color": TEXT,
            "axes.labelcolor": TEXT,
            "axes.edgecolor": GREY,
            "xtick.color": GREY,
            "ytick.color": GREY,
            "xtick.labelcolor": TEXT,
            "ytick.labelcolor": TEXT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "grid.color": GRID,
            "grid.linewidth": 0.6,
            "legend.frameon": False,
        }
        | dict.fromkeys(("xtick.labelsize", "ytick.labelsize", "legend.fontsize"), FONT_SIZE)
    )
    return plt


def style_sheet() -> str:
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark} !important}}'
        for light, dark in COLOURS.values()
        for what in ("fill", "stroke")
    )
    return f"<style>@media (prefers-color-scheme: dark){{{rules}}}</style>"


def themed(svg: str, title: str) -> str:
    """matplotlib's SVG with a title, the role of a picture and both grounds. Raises ValueError if it has a
    colour that is not one of these."""
    known = {light for light, _ in COLOURS.values()}
    strange = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", svg)) - known
    if strange:
        raise ValueError(f"found colours {sorted(strange)}; allowed: {sorted(known)}")
    begin = svg.index("<svg")
    end = svg.index(">", begin)
    head = f'{svg[begin:end]} role="img">\n <title>{html.escape(title)}</title>\n {style_sheet()}'
    body = re.sub(r"\s*<metadata>.*?</metadata>", "", svg[end + 1 :], flags=re.DOTALL)
    return head + body


def save(figure, path: pathlib.Path | str, title: str) -> None:
    """Writes a figure as SVG. `title`: what the picture shows, for readers who do not see it."""
    memory = io.StringIO()
    figure.savefig(memory, format="svg", transparent=True, metadata={"Date": None})
    pathlib.Path(path).write_text(themed(memory.getvalue(), title), encoding="utf-8")
