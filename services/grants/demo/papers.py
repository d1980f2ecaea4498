"""Papers of the demonstration, drawn here: a page of PDF for each receipt and report, none like another."""

from __future__ import annotations

from services.grants.rules.file_kinds import EVIDENCE
from services.grants.rules.files import Examined, examine


def paper(name: str, text: str) -> Examined:
    """A page with one line of (Latin) text, examined as what people hand in is."""
    words = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(words), words),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    content += b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, end)
    return examine(name, content, EVIDENCE)
