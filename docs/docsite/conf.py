# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the site of what antsibull-docs and `make docs` put together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes

project = html_title = "huaweicloud.vpn"
copyright = "2026 huaweicloud.vpn contributors"  # noqa: A001 - Sphinx's name for it
extensions = ["myst_parser", "sphinx_antsibull_ext"]
# So that decisions.md#why-it-is-so leads there, as it does where people read the Markdown itself.
myst_heading_anchors = 3
highlight_language = "text"
html_theme = "furo"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = html_show_sphinx = html_show_copyright = html_use_index = False

# A heading of the first page, and what comes before its list of pages.
_SECTION = re.compile(r"^(\w[\w ]*)\n[-~]+\n(?:(?!^[-~]+$).*\n)*?\.\. toctree::\n", re.MULTILINE)


def setup(app: Any) -> None:
    """Take part where Sphinx asks."""
    app.connect("missing-reference", _foreign_reference)
    app.connect("source-read", _suit_the_theme)
    app.connect("doctree-read", _label_cells)


def _foreign_reference(_app: Any, _env: Any, node: Any, shown: Any) -> Any:
    """Show a reference to Ansible's own documentation as text, since no site is asked; one of ours must be there."""
    return None if "huaweicloud.vpn" in node.get("reftarget", "") or node["reftype"] == "doc" else shown


def _suit_the_theme(app: Any, page: str, source: list[str]) -> None:
    """Take out the contents that the theme has in its margin; name, and caption, what stands in its side bar.

    antsibull-docs knows only of pages in docs/docsite/rst. Those of docs are added here.
    """
    text = re.sub(r"^\.\. contents::\n(?: +\S.*\n)+", "", source[0], flags=re.MULTILINE)
    if page == "index":
        text = text.replace("Huaweicloud.Vpn", "huaweicloud.vpn")
        pages = sorted(path.stem for path in Path(app.srcdir, "docsite").glob("*.md"))
        deep = "\n".join(
            [
                "In depth",
                "--------",
                "",
                ".. toctree::",
                "    :maxdepth: 1",
                "",
                *(f"    docsite/{name}" for name in pages),
                "",
            ]
        )
        text = text.replace("\n.. _plugin_index_for", f"\n{deep}\n\n.. _plugin_index_for", 1)
        text = re.sub(r"^    (\w+)_([a-z]+)$", r"    \1 <\1_\2>", text, flags=re.MULTILINE)
        text = _SECTION.sub(r"\g<0>    :caption: \1\n", text)
    source[0] = text


def _label_cells(app: Any, doctree: Any) -> None:
    """Put the head of its column into each cell of our tables, for screens so narrow that cells stand one by one."""
    if not app.env.docname.startswith("docsite/"):
        return
    for table in doctree.findall(nodes.table):
        heads = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
        for row in (row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)):
            for head, entry in [*zip(heads, row.findall(nodes.entry))][1:]:
                if head and entry.children:
                    entry[0].insert(0, nodes.inline("", f"{head}: ", classes=["column"]))
        table["classes"].append("stack")
