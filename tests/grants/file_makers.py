"""Files that the tests attach, all of them made here: photos, documents, and those that mean harm."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image, ImageDraw, ImageFilter

TABLE = Image.new("RGB", (600, 800), (150, 110, 70))


def photo(seed: int = 1, size: tuple[int, int] = (800, 600)) -> Image.Image:
    """A picture like a photo: light from one side, things of several colours, and grain."""
    dice = random.Random(seed)  # noqa: S311 - the same picture each time
    image = Image.linear_gradient("L").rotate(dice.randrange(360)).resize(size).convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    for _ in range(40):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        width, height = dice.randrange(size[0] // 30, size[0] // 2), dice.randrange(size[1] // 22, size[1] // 2)
        colour = (dice.randrange(256), dice.randrange(256), dice.randrange(256), dice.randrange(90, 256))
        shape = dice.choice([draw.ellipse, draw.rectangle])
        shape((x - width // 2, y - height // 2, x + width // 2, y + height // 2), fill=colour)
    grain = Image.frombytes("L", size, dice.randbytes(size[0] * size[1])).convert("RGB")
    return Image.blend(image.filter(ImageFilter.GaussianBlur(2)), grain, 0.1)


def slip(seed: int) -> Image.Image:
    """A shop's slip of paper, photographed on always the same table."""
    dice = random.Random(seed)  # noqa: S311
    table = Image.blend(Image.linear_gradient("L").resize((600, 800)).convert("RGB"), TABLE, 0.7)
    paper = Image.new("RGB", (310, 600 + dice.randrange(-40, 40)), (244, 244, 240))
    draw, top = ImageDraw.Draw(paper), 20
    for _ in range(dice.randrange(14, 26)):
        left = 20
        for _ in range(dice.randrange(1, 6)):
            right = left + dice.randrange(10, 60)
            draw.rectangle((left, top, min(right, 290), top + 9), fill=(40, 40, 40))
            left = right + 8
        draw.rectangle((250, top, 290, top + 9), fill=(40, 40, 40))  # the amount
        top += dice.choice((17, 20, 26))
    turned = paper.rotate(dice.uniform(-2, 2), fillcolor=TABLE.getpixel((0, 0)))
    table.paste(turned, (145 + dice.randrange(-12, 12), 100 + dice.randrange(-12, 12)))
    grain = Image.frombytes("L", table.size, dice.randbytes(600 * 800)).convert("RGB")
    return Image.blend(table.filter(ImageFilter.GaussianBlur(1)), grain, 0.05)


def saved(image: Image.Image, form: str = "JPEG", **how: object) -> bytes:
    """The bytes of an image file."""
    file = io.BytesIO()
    image.save(file, form, **how)
    return file.getvalue()


def jpeg(seed: int = 1, size: tuple[int, int] = (800, 600)) -> bytes:
    return saved(photo(seed, size), quality=90)


def pdf(text: str = "receipt") -> bytes:
    """A whole PDF of one empty page; `text` makes it one of its own."""
    body = b"%PDF-1.4\n%" + text.encode() + b"\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(body),
    )


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def ooxml(part: str = "word/document.xml", /, types: bytes = b"<Types/>", **more: bytes) -> bytes:
    """A document as Word, Excel and PowerPoint make them, reduced to what tells it."""
    return zipped({"[Content_Types].xml": types, part: b"<document/>", **more})


def hwpx() -> bytes:
    return zipped({"mimetype": b"application/hwp+zip", "Contents/content.hpf": b"<package/>"})


def ole(*names: str, inside: bytes = b"") -> bytes:
    """An OLE file with these streams in its directory: a header, a table, a directory, and a sector of content."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109L", 0, *[free] * 108)
    chain = [table, *([*range(2, 2 + len(names) // 4), end])]
    sectors = struct.pack("<128L", *chain, *[free] * (128 - len(chain)))
    entries = b"".join(_entry(name, 5 if number == 0 else 2) for number, name in enumerate(("Root Entry", *names)))
    sectors += entries.ljust(512 * (len(chain) - 1), b"\0")
    return header + sectors + inside.ljust(512, b"\0")


def large_hwp() -> bytes:
    """An HWP document of 7 MB, whose directory stands where the table in the header does not reach."""
    free, end, first = 0xFFFFFFFF, 0xFFFFFFFE, 109 * 128 + 10
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9L", 0, 110, first, 0, 4096, end, 0, 1, 1)
    header += struct.pack("<109L", *[0] * 109)
    sectors = struct.pack("<128L", *[free] * 128)
    sectors += struct.pack("<128L", 2, *[free] * 126, end)
    sectors += struct.pack("<128L", *[free] * 10, end, *[free] * 117)
    names = ("Root Entry", "FileHeader", "DocInfo", "BodyText")
    directory = b"".join(_entry(name, 5 if number == 0 else 2) for number, name in enumerate(names))
    return (header + sectors + b"HWP Document File").ljust(512 * (first + 1), b"\0") + directory


def _entry(name: str, kind: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHB", wide, len(wide), kind).ljust(128, b"\0")


def hwp() -> bytes:
    return ole("FileHeader", "DocInfo", "BodyText", "Section0", "BinData", inside=b"HWP Document File")


def zip_bomb(megabytes: int = 300) -> bytes:
    """A small archive of one member that unpacks to so much."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
        for _ in range(megabytes):
            member.write(bytes(1024 * 1024))
    return file.getvalue()


def lying_bomb(megabytes: int = 300, says: int = 1000) -> bytes:
    """The same, but both of its headers say that the member is small."""
    return zip_bomb(megabytes).replace(struct.pack("<L", megabytes * 1024 * 1024), struct.pack("<L", says))


def shared_stream_bomb(names: int = 300) -> bytes:
    """A directory of many members which all are one stream: the trick of bombs that need no nesting."""
    one = zipped({"0": bytes(1024 * 1024)})
    start = one.index(b"PK\x01\x02")
    lines = b"".join(
        one[start : start + 28] + struct.pack("<H", 4) + one[start + 30 : start + 46] + f"{number:04d}".encode()
        for number in range(names)
    )
    return one[:start] + lines + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, names, names, len(lines), start, 0)


def nested(depth: int) -> bytes:
    """A zip in a zip, so many times."""
    inner = zipped({"a.txt": b"a"})
    for _ in range(depth):
        inner = zipped({"inner.zip": inner})
    return inner


def huge_png(width: int = 50_000, height: int = 50_000) -> bytes:
    """A picture of a few hundred bytes that says that it is of 2,500 million pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))

    head = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
