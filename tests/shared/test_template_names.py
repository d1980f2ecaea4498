"""What the frame of every page names at its top is set after what a page names there, and would take its place."""

from pathlib import Path

from jinja2 import Environment, nodes

import shared

ROOT = Path(shared.__file__).parent.parent
BASE = ROOT / "shared/web/templates/maru/base.html"


def exported(file: Path) -> set[str]:
    """The names that a template sets at its top level and hands on to its blocks."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(file.read_text())
    found = set()
    for node in tree.body:
        if isinstance(node, nodes.Assign):
            found |= {each.name for each in [node.target, *node.target.find_all(nodes.Name)] if hasattr(each, "name")}
    return {name for name in found if not name.startswith("_")}


def test_no_page_names_what_the_frame_names():
    frame = exported(BASE)
    pages = [file for file in ROOT.glob("services/*/templates/**/*.html") if "maru/base.html" in file.read_text()]
    assert "language" in frame
    assert len(pages) > 40
    clashes = {str(file.relative_to(ROOT)): sorted(exported(file) & frame) for file in pages}
    assert {file: names for file, names in clashes.items() if names} == {}
