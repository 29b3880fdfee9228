"""The iceberg as a drawing for paper, in colours of its own; the table beside it names the numbered parts."""

from __future__ import annotations

from waterline.report.drawing import Part, Picture

_TINTS = ("#9ccbdd", "#76b4cc", "#539bb8", "#3882a2", "#236a8b", "#145272", "#0a3c58")
_LIGHT = 3  # tints below this place carry dark numbers


def iceberg_svg(picture: Picture) -> str:
    """The iceberg as SVG: sea, waterline, and the parts with their numbers."""
    left, top, width, height = (float(number) for number in picture.small_box.split())
    drawn = [part for part in picture.parts if part.points]
    parts = [_polygon(picture.tip, "#b4430c", "#ffffff")]
    parts += [_polygon(part, _TINTS[part.tint], "#0b2a3c" if part.tint < _LIGHT else "#ffffff") for part in drawn]
    beside = [part for part in drawn if part.middle is None]
    numbers = [_beside(part, left + width - 24.0, 18.0 + 24.0 * place) for place, part in enumerate(beside)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{picture.small_box}" width="{width:g}" height="{height:g}">'
        f'<rect x="{left:g}" y="0" width="{width:g}" height="{top + height:g}" fill="#e1edf2"/>'
        f"{''.join(parts)}"
        f'<line x1="{left:g}" x2="{left + width:g}" y1="0" y2="0" stroke="#0a5d80" stroke-width="2"/>'
        f"{''.join(numbers)}</svg>"
    )


def _polygon(part: Part, fill: str, ink: str) -> str:
    drawn = f'<polygon points="{part.points}" fill="{fill}" stroke="#ffffff" stroke-width="1"/>'
    if part.middle is None:
        return drawn
    return drawn + _number(part.key, *part.middle, ink)


def _beside(part: Part, x: float, y: float) -> str:
    """The number of a slice too thin to hold it, in the water, with a line to the slice."""
    from_x, from_y = part.anchor
    line = f'<path d="M{from_x:.1f} {from_y:.1f} L{x - 14:.1f} {y:.1f}" stroke="#55616d" fill="none"/>'
    return line + _number(part.key, x, y, "#0b2a3c")


def _number(key: int, x: float, y: float, ink: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y + 6:.1f}" text-anchor="middle" font-family="DejaVu Sans" font-size="17" '
        f'font-weight="bold" fill="{ink}">{key}</text>'
    )
