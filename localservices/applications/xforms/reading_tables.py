"""Secondary instances: tables of choices inside the form, or in CSV, XML and GeoJSON files."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element as Xml
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from localservices.applications.xforms.errors import FormError
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.reading_model import tree
from localservices.applications.xforms.scope import Table
from localservices.applications.xforms.xml import named

ROWS_MAX = 100_000
_LAST_SAVED = "jr://instance/last-saved"


def read(model: Xml, files: Mapping[str, bytes]) -> dict[str, Table]:
    """Every instance but the first, by its id. Raises FormError."""
    tables: dict[str, Table] = {}
    for instance in named(model, "instance")[1:]:
        name, source = instance.get("id") or "", instance.get("src")
        if source == _LAST_SAVED:
            raise FormError("the answers of the form filled before are not offered here")
        if source is not None:
            tables[name] = _table(_of_file(source, files))
        elif len(instance):
            tables[name] = _table(tree(instance[0]))
    return tables


def _table(root: Node) -> Table:
    """Expressions begin above the root element, and name it first."""
    above = Node("instance")
    above.add(root)
    return Table(above)


def named_files(model: Xml) -> frozenset[str]:
    """The files that the instances come from."""
    sources = (one.get("src") for one in named(model, "instance"))
    return frozenset(_name(one) for one in sources if one and one != _LAST_SAVED)


def _name(source: str) -> str:
    return source.rpartition("/")[2]


def _of_file(source: str, files: Mapping[str, bytes]) -> Node:
    name = _name(source)
    data = files.get(name)
    if data is None:
        raise FormError(f"the file {name} is not with the form")
    try:
        if name.endswith(".csv"):
            return _of_csv(data.decode("utf-8-sig"))
        if name.endswith(".geojson"):
            return _of_geojson(json.loads(data))
        root: Xml = fromstring(data, forbid_dtd=True)
        return tree(root)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, csv.Error) as error:
        raise FormError(f"the file {name} cannot be read") from error


def _of_csv(text: str) -> Node:
    rows = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in text.split("\n", 1)[0] else ","
    )
    return _rooted({key: value or "" for key, value in row.items() if key} for row in rows)


def _of_geojson(said: object) -> Node:
    """Points as ODK writes places, with the properties of each (RFC 7946)."""
    features = said.get("features") if isinstance(said, dict) else None
    rows = features if isinstance(features, list) else []
    return _rooted(_fields(one) for one in rows if isinstance(one, dict))


def _fields(feature: dict[str, object]) -> dict[str, str]:
    properties, geometry = feature.get("properties"), feature.get("geometry")
    found = (
        {str(key): _plain(value) for key, value in properties.items()}
        if isinstance(properties, dict)
        else {}
    )
    match geometry:
        case {
            "type": "Point",
            "coordinates": [float() | int() as longitude, float() | int() as latitude, *_],
        }:
            found["geometry"] = f"{latitude} {longitude} 0 0"
        case _:
            pass
    if "id" in feature:
        found.setdefault("id", _plain(feature["id"]))
    return found


def _plain(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _rooted(rows: Iterable[Mapping[str, str]]) -> Node:
    root = Node("root")
    for count, row in enumerate(rows):
        if count >= ROWS_MAX:
            raise FormError(f"a table has more than {ROWS_MAX} rows")
        item = root.add(Node("item"))
        for key, value in row.items():
            item.add(Node(key.strip().replace(" ", "_"), value.strip()))
    return root
