"""Hundreds of drawings on one page, in half the bytes: what they have in common is said once."""

import re

HEADER = re.compile(r"<svg.*?(viewBox='[^']*')>", re.DOTALL)
STYLE = re.compile(r"style='([^']*)'")
LINE = re.compile(r"<path d='([^']*)' class='(\w+)' />")


class SharedStyles:
    """Styles that drawings of a page share, as classes of CSS."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def __call__(self, drawing: str) -> str:
        """An SVG element of RDKit's for a page: with classes for styles, and lines of one style that follow each other as one."""
        drawing = HEADER.sub(r"<svg \1>", drawing, count=1)
        found: list[str] = []
        path = name = ""
        for line in STYLE.sub(self._class, drawing).splitlines():
            match = LINE.fullmatch(line.strip())
            unfilled = match is not None and self._is_unfilled(match[2])
            if match is not None and unfilled and match[2] == name:
                path += f" {match[1]}"
                found[-1] = f"<path d='{path}' class='{name}'/>"
                continue
            path, name = (match[1], match[2]) if match is not None and unfilled else ("", "")
            found.append(line.strip())
        return "\n".join(found)

    def _class(self, style: re.Match[str]) -> str:
        return f"class='{self._names.setdefault(style[1], f'd{len(self._names)}')}'"

    def _is_unfilled(self, name: str) -> bool:
        return next(style for style, known in self._names.items() if known == name).startswith("fill:none")

    def css(self) -> str:
        """The rules for the drawings that were made smaller."""
        return "\n".join(f"svg .{name} {{ {style} }}" for style, name in self._names.items())
