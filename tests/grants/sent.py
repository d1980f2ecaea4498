"""What a browser without scripts would send of a page's form."""

import re
from html import unescape


def fields_of(page):
    """What a browser would send of the page's big form: names and values, ticked boxes and chosen options."""
    form = max(re.findall(r"<form.*?</form>", page, re.S), key=len)
    found = []
    for tag, body in re.findall(r"<(input|select|textarea)\b(.*?)(?=<input|<select|<textarea|</form>)", form, re.S):
        name = re.search(r'name="([^"]+)"', body)
        if not name or name[1] in ("csrf_token",):
            continue
        if tag == "input":
            kind = re.search(r'type="([\w-]+)"', body)[1]
            value = re.search(r'value="([^"]*)"', body)
            if kind in ("checkbox", "radio") and not re.match(r"[^>]*\schecked", body):
                continue
            found.append((name[1], unescape(value[1]) if value else ""))
        elif tag == "select":
            chosen = re.search(r'<option value="([^"]*)" selected', body)
            found.append((name[1], unescape(chosen[1]) if chosen else ""))
        else:
            found.append((name[1], unescape(re.search(r">\n(.*?)</textarea>", body, re.S)[1])))
    sent = {}
    for name, value in found:
        sent.setdefault(name, []).append(value)
    return sent
