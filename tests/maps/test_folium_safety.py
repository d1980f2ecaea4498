"""What folium may load and write, and that nobody's text can execute: on the server, in the page's source."""

import html
import json
import re
from typing import Any

import folium
import pytest
from branca.colormap import LinearColormap
from branca.element import Element

from services.maps.folium_map import RefusedAsset, Rendered, choropleth, map_labels, space_map
from shared.districts import DISTRICTS
from shared.web.city_map.figure import SafeFigure
from shared.web.city_map.geojson import for_web
from shared.web.city_map.schematic import schematic_districts

HOSTILE = [
    "</script><script>alert(1)</script>",
    "`${alert(1)}`",
    "${alert(1)}",
    '" onmouseover="alert(1)',
    "' onclick='alert(1)",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "line\u2028separator\u2029here",
    "{{7*7}}",
    "{% for x in range(9) %}{{x}}{% endfor %}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "\\u003c/script>",
    "마루 & 마을 <활력소>",
    "\x00\x1b[31m",
]
SHAPES = for_web(schematic_districts())
LABELS = map_labels()
STATES = {"free": "지금 비어 있음"}


def space(**changes: Any) -> dict[str, Any]:
    return {
        "space_id": 1,
        "name": "우리마을활력소",
        "kind_label": "마을공동체형",
        "stage": "open",
        "stage_label": "운영 중",
        "address": "서울특별시 종로구",
        "latitude": 37.57,
        "longitude": 126.98,
        "url": "/spaces/1",
        "state": "free",
        "upcoming": 2,
        "next_start": None,
        "free_at": None,
    } | changes


def project(**changes: Any) -> dict[str, Any]:
    return {"title": "골목 정원", "group_name": "정원모임", "awarded": "3,000,000원", "url": None} | changes


def place(*projects: dict[str, Any], **changes: Any) -> dict[str, Any]:
    point = {"district": "11110", "latitude": 37.57, "longitude": 126.98, "whole_district": False}
    return point | {"projects": list(projects)} | changes


def draw(spaces: list[dict[str, Any]], projects: list[dict[str, Any]] | None = None) -> Rendered:
    return space_map(SHAPES, spaces, projects or [], labels=LABELS, states=STATES, schematic=True)


def page(rendered: Rendered) -> str:
    asset = "/assets/{}".format
    return str(rendered.head(asset) + rendered.html + rendered.body(asset, "abc"))


def shown(source: str) -> dict[str, Any]:
    """The data block as a browser sees it: up to the first thing that closes a script."""
    block = re.search(r'<script type="application/json"[^>]*>(.*?)</script', source, re.DOTALL)
    assert block
    return json.loads(block[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_text_arrives_as_it_is_and_only_as_data(text: str) -> None:
    spaces = [space(name=text, address=text, kind_label=text)]
    rendered = draw(spaces, [place(project(title=text, group_name=text))])
    source = page(rendered)
    data = shown(source)
    assert data["spaces"][0]["name"] == data["spaces"][0]["address"] == text
    assert data["projects"][0]["projects"][0]["title"] == text
    block = re.search(r'<script type="application/json".*?</script>', source, re.DOTALL)
    assert block
    assert not re.search(r"[<>&\u2028\u2029]", block[0].partition(">")[2].removesuffix("</script>"))
    assert text not in source.replace(block[0], "")
    assert html.escape(text) not in source.replace(block[0], "")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_changes_what_executes(text: str) -> None:
    plain, hostile = draw([space()]), draw([space(name=text)], [place(project(title=text))])
    assert (hostile.script, hostile.html, hostile.scripts) == (plain.script, plain.html, plain.scripts)


@pytest.mark.parametrize("text", HOSTILE)
def test_labels_and_figures_of_districts_are_data_too(text: str) -> None:
    figures = {district.code: 1 for district in DISTRICTS}
    rendered, legend = choropleth(
        SHAPES,
        figures,
        labels=LABELS,
        label=text,
        no_value=text,
        schematic=True,
        write=lambda value: text,
        links={"11110": text},
    )
    data = shown(page(rendered))
    assert data["label"] == data["districts"]["11110"]["value"] == data["districts"]["11110"]["url"] == text
    assert text not in rendered.script
    assert legend == [{"tone": "ramp-3", "label": text}]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_foreign_file_gives_the_map_coordinates_and_nothing_else(text: str) -> None:
    foreign = {"name": text, text: text, "style": {"x": text}}
    features = [feature | {"id": text, "properties": feature["properties"] | foreign} for feature in SHAPES["features"]]
    hostile = space_map(SHAPES | {"features": features}, [], labels=LABELS, states=STATES, schematic=True)
    assert hostile.script == draw([]).script
    assert hostile.data["districts"]["11110"] == {"name": "종로구"}


def test_a_code_that_is_no_district_or_a_shape_that_is_no_shape_is_refused() -> None:
    first = SHAPES["features"][0]
    for wrong in (
        first | {"properties": {"code": "'];alert(1)//"}},
        first | {"geometry": {"type": "Polygon", "coordinates": [[["alert(1)", 1], [1, 2], [2, 2], ["alert(1)", 1]]]}},
    ):
        with pytest.raises((KeyError, ValueError, TypeError)):
            space_map({"features": [wrong]}, [], labels=LABELS, states=STATES, schematic=False)


def test_only_the_named_keys_reach_the_browser() -> None:
    rendered = draw([space(phone="010-0000-0000", keeper="이름")], [place(project(bank_account="123"), note="x")])
    assert not {"phone", "keeper"} & set(rendered.data["spaces"][0])
    source = page(rendered)
    assert "010-0000-0000" not in source
    assert "bank_account" not in source


def test_the_page_loads_from_us_alone_and_keeps_the_content_policy() -> None:
    source = page(draw([space(name=text) for text in HOSTILE]))
    assert re.findall(r'(?:src|href)="([^"]*)"', source) == [
        "/assets/leaflet/leaflet.css",
        "/assets/markercluster/MarkerCluster.css",
        "/assets/maru/map.css",
        "/assets/maru/city_map.css",
        "/assets/leaflet/leaflet.js",
        "/assets/markercluster/leaflet.markercluster.js",
        "/assets/maru/city_map.js",
        "/assets/maps/live.js",
    ]
    assert all('nonce="abc"' in tag for tag in re.findall(r"<script[^>]*>", source))
    markup = re.sub(r"(<script[^>]*>).*?</script>", r"\1", source, flags=re.DOTALL)
    assert not re.search(r"\son\w+\s*=|\sstyle\s*=|<style|javascript:", markup)
    assert not re.search(r"\beval\b|new Function|https?:", source.partition("</script>")[2])


def test_a_nonce_or_an_address_cannot_break_out_of_its_attribute() -> None:
    rendered = draw([])
    written = rendered.body('/assets/"><script>{}'.format, '"><script>')
    assert '"><script>' not in written
    assert "&#34;&gt;&lt;script&gt;" in written


class Loads(folium.Map):
    """A map that asks for one more file."""

    def __init__(self, kind: str, url: str) -> None:
        super().__init__(tiles=None)
        links = [("more", url)]
        self.default_js, self.default_css = (links, []) if kind == "js" else ([], links)


@pytest.mark.parametrize("kind", ["js", "css"])
@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.org/new-thing.js",
        "https://cdn.example.org/leaflet.js?x",
        "https://cdn.example.org/",
        "//evil.example.org/x.css",
        "leaflet",
        "",
    ],
)
def test_an_unknown_file_fails_closed(kind: str, url: str) -> None:
    figure = SafeFigure()
    Loads(kind, url).add_to(figure)
    with pytest.raises(RefusedAsset):
        figure.parts()


def test_a_known_file_is_ours_wherever_it_was_to_come_from() -> None:
    figure = SafeFigure()
    Loads("js", "https://evil.example.org/leaflet.js").add_to(figure)
    assert figure.parts()[1][0] == "leaflet/leaflet.js"


@pytest.mark.parametrize(
    "part",
    [
        folium.TileLayer("https://tile.example.org/{z}/{x}/{y}.png", attr="x"),
        folium.Marker((37.5, 127), popup="`${alert(1)}`"),
        folium.Marker((37.5, 127), icon=folium.CustomIcon("https://example.org/x.png")),
        folium.Marker((37.5, 127), tooltip="<b>x</b>"),
        LinearColormap(["white", "black"]).to_step(3),
        folium.Choropleth(SHAPES, data={"11110": 1}, key_on="feature.id"),
        folium.GeoJson(SHAPES, tooltip=folium.GeoJsonTooltip(["name"])),
    ],
    ids=lambda part: type(part).__name__,
)
def test_parts_of_folium_with_hosts_or_text_in_scripts_fail_closed(part: Element) -> None:
    figure = SafeFigure()
    map_ = folium.Map(tiles=None)
    map_.add_to(figure)
    part.add_to(map_)
    with pytest.raises(RefusedAsset):
        figure.parts()


def test_what_somebody_puts_into_header_or_body_fails_closed() -> None:
    for place_in in ("header", "html"):
        figure = SafeFigure()
        folium.Map(tiles=None).add_to(figure)
        getattr(figure, place_in).add_child(Element('<img src="x" onerror="alert(1)">'), name="map_x")
        with pytest.raises(RefusedAsset):
            figure.parts()


def test_a_link_that_another_map_left_in_foliums_class_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    # add_js_link changes the list of the class, so of every map made after it
    monkeypatch.setattr(folium.Map, "default_js", list(folium.Map.default_js))
    folium.Map(tiles=None).add_js_link("later", "https://cdn.example.org/later.js")
    figure = SafeFigure()
    folium.Map(tiles=None).add_to(figure)
    with pytest.raises(RefusedAsset, match=r"later\.js"):
        figure.parts()
