"""A photo is known again, however it was saved, and another is not."""

from itertools import combinations

from PIL import Image, ImageEnhance

from services.grants.rules import images
from services.grants.rules.file_kinds import Kind
from tests.grants import file_makers as make


def looks(image: Image.Image, form: str = "JPEG", kind: Kind = Kind.JPEG, **how: object) -> images.Looks:
    found = images.looked_at(kind, make.saved(image, form, **how))
    assert found
    return found


def test_the_same_photo_is_known_again_and_another_is_not() -> None:
    first = [looks(make.photo(seed), quality=92) for seed in range(12)]
    for seed, original in enumerate(first):
        image = make.photo(seed)
        again = {
            "saved worse": looks(image, quality=35),
            "saved as PNG": looks(image, "PNG", Kind.PNG),
            "saved as WebP": looks(image, "WEBP", Kind.WEBP, quality=60),
            "smaller": looks(image.resize((400, 300)), quality=60),
            "odd size": looks(image.resize((517, 388)), quality=70),
            "larger": looks(image.resize((1100, 825)), quality=70),
            "brighter": looks(ImageEnhance.Brightness(image).enhance(1.15), quality=80),
            "without colour": looks(image.convert("L"), quality=80),
            "cut a little": looks(image.crop((4, 3, 796, 597)), quality=80),
        }
        assert [how for how, other in again.items() if not _alike(original, other)] == []
        assert [other for other in range(12) if other != seed and _alike(original, first[other])] == []


def _alike(one: images.Looks, other: images.Looks) -> bool:
    return _near(one, other) and images.same_details(one.detail_hash, other.detail_hash)


def _near(one: images.Looks, other: images.Looks) -> bool:
    return images.distance(one.perceptual_hash, other.perceptual_hash) <= images.ALIKE_BITS


def test_slips_of_paper_on_one_table_are_told_apart_and_known_again() -> None:
    slips = [make.slip(seed) for seed in range(24)]
    first = [looks(slip, quality=90) for slip in slips]
    pairs = list(combinations(first, 2))
    assert any(_near(*pair) for pair in pairs)  # the first hash sees little more than paper and table
    assert not any(_alike(*pair) for pair in pairs)
    for slip, original in zip(slips[:6], first, strict=False):
        assert _alike(original, looks(slip.resize((430, 574)), quality=50))
        assert _alike(original, looks(ImageEnhance.Brightness(slip).enhance(1.15).crop((4, 3, 596, 797)), quality=70))


def test_how_the_camera_was_held_and_transparency_do_not_count() -> None:
    image = make.photo(5)
    turned = image.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    assert _alike(looks(image, quality=90), looks(turned, quality=90, exif=exif))
    see_through = image.convert("RGBA")
    assert _alike(looks(image, quality=90), looks(see_through, "PNG", Kind.PNG))


def test_an_empty_page_is_like_no_other() -> None:
    assert images.looked_at(Kind.PNG, make.saved(Image.new("RGB", (300, 300), "white"), "PNG")) is None


def test_near_bands_find_every_hash_within_seven_bits() -> None:
    import random

    dice = random.Random(7)  # noqa: S311
    for _ in range(300):
        one = dice.getrandbits(64)
        other = one
        for bit in dice.sample(range(64), images.ALIKE_BITS):
            other ^= 1 << bit
        assert set(images.near_bands(f"{one:016x}")) & set(images.bands(f"{other:016x}"))
    assert len(set(images.near_bands("0123456789abcdef"))) == 68
