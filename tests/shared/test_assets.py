import gzip
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from shared.web.assets import PREFIX, Assets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "maps"
    place.mkdir()
    (place / "map.js").write_text("let 마을 = 1;\n", encoding="utf-8")
    (place / "notes.txt").write_text("not for the web")
    (place / "code.py").write_text("secret = 1")
    (tmp_path / "outside.js").write_text("let outside = 1;")
    return place


@pytest.fixture
def assets(folder: Path) -> Assets:
    return Assets(maps=folder)


def get(assets: Assets, url: str, **headers: str):
    return Client(assets).get(url.removeprefix("/assets"), headers=headers)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("leaflet/leaflet.js", "text/javascript; charset=utf-8"),
        ("leaflet/leaflet.css", "text/css; charset=utf-8"),
        ("leaflet/images/layers.png", "image/png"),
        ("markercluster/leaflet.markercluster.js", "text/javascript; charset=utf-8"),
        ("markercluster/MarkerCluster.css", "text/css; charset=utf-8"),
        ("jquery/jquery.min.js", "text/javascript; charset=utf-8"),
        ("maps/map.js", "text/javascript; charset=utf-8"),
    ],
)
def test_every_library_and_a_services_own_folder_are_served(assets: Assets, path: str, kind: str) -> None:
    answer = get(assets, assets.url(path))
    assert answer.status_code == 200
    assert answer.content_type == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.data) > 10


def test_an_address_with_the_version_is_kept_for_ever_and_changes_with_the_file(assets: Assets, folder: Path) -> None:
    first = assets.url("maps/map.js")
    assert "immutable" in get(assets, first).headers["Cache-Control"]
    assert "immutable" not in get(assets, "/assets/maps/map.js").headers["Cache-Control"]
    assert "immutable" not in get(assets, "/assets/maps/map.js?v=guess").headers["Cache-Control"]

    (folder / "map.js").write_text("let changed = 2222;")
    assert assets.url("maps/map.js") != first
    assert "changed" in get(assets, first).text


def test_a_browser_that_has_the_file_is_told_so(assets: Assets) -> None:
    etag = get(assets, "/assets/maps/map.js").headers["ETag"]
    again = get(assets, "/assets/maps/map.js", **{"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_scripts_are_compressed_for_who_can_read_it(assets: Assets) -> None:
    plain = get(assets, "/assets/leaflet/leaflet.js")
    packed = get(assets, "/assets/leaflet/leaflet.js", **{"Accept-Encoding": "gzip"})
    refused = get(assets, "/assets/leaflet/leaflet.js", **{"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "maps/../outside.js",
        "maps/%2e%2e/outside.js",
        "maps/..%2foutside.js",
        "maps//etc/passwd",
        "maps/notes.txt",
        "maps/code.py",
        "maps/",
        "maps",
        "",
        "nobody/map.js",
        "leaflet/leaflet-src.map",
        "leaflet/../__init__.py",
        "maps/map.js/",
        "maps/link.js",
    ],
)
def test_nothing_else_is_found(assets: Assets, folder: Path, path: str) -> None:
    (folder / "link.js").symlink_to(folder.parent / "outside.js")
    assert get(assets, f"/assets/{path}").status_code == 404


def test_only_reading_is_allowed(assets: Assets) -> None:
    assert Client(assets).post("/maps/map.js").status_code == 405


def test_an_address_of_a_file_that_is_not_there_fails_at_once(assets: Assets) -> None:
    with pytest.raises(FileNotFoundError):
        assets.url("maps/absent.js")


def test_mounted_by_path_in_front_of_an_application(assets: Assets) -> None:
    app = Flask(__name__)
    app.jinja_env.globals["asset"] = assets.url
    app.add_url_rule("/", "home", lambda: render_template_string("{{ asset('leaflet/leaflet.js') }}"))
    client = Client(DispatcherMiddleware(app, {PREFIX: assets}))
    url = client.get("/").text
    assert url.startswith("/assets/leaflet/leaflet.js?v=")
    assert client.get(url).status_code == 200
    assert client.get("/assets/leaflet/absent.js").status_code == 404
