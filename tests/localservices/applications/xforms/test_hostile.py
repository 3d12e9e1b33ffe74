"""Whatever a form holds, it is run, or refused with what is wrong; never worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localservices.applications.xforms import functions, parser, reading
from localservices.applications.xforms.answers import AnswerError, kept
from localservices.applications.xforms.errors import CycleError, ExpressionError, FormError
from localservices.applications.xforms.evaluate import evaluate
from localservices.applications.xforms.filling import Filling
from localservices.applications.xforms.nodes import Node
from localservices.applications.xforms.scope import World, scope
from localservices.applications.xforms.showing import begin, pages
from tests.localservices.applications.xforms.device import a_device

HEAD = """<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
 xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>x</h:title><model><instance>
 <data id="x"><a/><b/><c/></data></instance>"""
TAIL = '</model></h:head><h:body><input ref="/data/a"/><input ref="/data/b"/></h:body></h:html>'
PIECES = st.sampled_from(
    [
        "1",
        "'a'",
        "/data/a",
        "../b",
        ".",
        "(",
        ")",
        "[",
        "]",
        "and",
        "or",
        "=",
        "<",
        "-",
        "*",
        "div",
        "count(",
        "if(",
        "selected(",
        "regex(",
        "concat(",
        "date(",
        "substr(",
        "position(",
        ",",
        "instance('x')",
        "//",
        "::",
        "$",
        "true()",
        "today()",
        "999999999999",
    ]
)


def a_form(binds: str = "") -> bytes:
    return (HEAD + binds + TAIL).encode()


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_a_form_or_refused(data: bytes) -> None:
    with pytest.raises(FormError):
        reading.read(data)


@given(st.lists(PIECES, max_size=25).map(" ".join) | st.text(max_size=80))
def test_any_expression_has_a_value_or_is_refused(text: str) -> None:
    root = Node("data")
    root.add(Node("a", "5"))
    root.add(Node("b", "x y"))
    try:
        parsed = parser.parse(text)
        functions.check(parsed)
        evaluate(parsed, scope(World(root, a_device()), root.children[0]))
    except ExpressionError:
        return


@given(
    st.sampled_from(
        [
            "string",
            "int",
            "decimal",
            "date",
            "time",
            "dateTime",
            "geopoint",
            "geotrace",
            "geoshape",
            "boolean",
        ]
    ),
    st.text(max_size=60),
)
def test_any_typed_text_is_an_answer_or_refused_and_an_answer_stays_one(
    type_name: str, typed: str
) -> None:
    try:
        once = kept(type_name, typed)
    except AnswerError:
        return
    if type_name not in ("time", "dateTime"):  # kept with their seconds, which nobody types
        assert kept(type_name, once) == once


def test_a_loop_is_named_by_its_questions() -> None:
    binds = """<bind nodeset="/data/a" calculate="/data/b + 1"/>
      <bind nodeset="/data/b" relevant="/data/c = 1"/>
      <bind nodeset="/data/c" calculate="/data/a"/>"""
    with pytest.raises(CycleError) as raised:
        reading.read(a_form(binds))
    assert set(raised.value.names) == {"a", "b", "c"}


def test_an_answer_that_reads_itself_is_no_loop() -> None:
    binds = '<bind nodeset="/data/a" calculate="if(. = \'\', 1, .)" constraint=". &gt; 0"/>'
    assert reading.read(a_form(binds)).order


@pytest.mark.parametrize(
    ("binds", "told"),
    [
        ('<bind nodeset="/data/a" calculate="telepathy(1)"/>', "telepathy()"),
        ('<bind nodeset="/data/a" calculate="if(1, 2)"/>', "takes 3 values, not 2"),
        ('<bind nodeset="/data/a" relevant="1 +"/>', "/data/a, relevant"),
        ('<bind nodeset="/data/a" type="hologram"/>', "hologram"),
        ('<bind nodeset="a"/>', "names no place"),
        ('<instance id="t" src="jr://file-csv/towns.csv"/>', "towns.csv is not with the form"),
        ('<instance id="t" src="jr://instance/last-saved"/>', "filled before"),
    ],
)
def test_what_cannot_be_run_is_named(binds: str, told: str) -> None:
    with pytest.raises(FormError, match=told.replace("(", r"\(").replace(")", r"\)")):
        reading.read(a_form(binds))


def test_a_pattern_that_runs_away_takes_no_time() -> None:
    binds = '<bind nodeset="/data/a" constraint="regex(., \'(a|a)*(a|a)*(a|a)*b\')"/>'
    filling = Filling(reading.read(a_form(binds)), a_device())
    filling.put("/data/a", "a" * 5_000)
    assert pages(filling)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(FormError):
        reading.read(a_form(f'<bind nodeset="/data/a" calculate="{"(" * 5000}1{")" * 5000}"/>'))
    with pytest.raises(FormError):
        reading.read(("<a>" * 500 + "</a>" * 500).encode())


def test_30_000_choices_are_found_by_their_hash_and_not_one_by_one() -> None:
    rows = "".join(f"<item><name>c{n}</name><o>o{n % 25}</o></item>" for n in range(30_000))
    table = f'<instance id="t"><all>{rows}</all></instance>'
    body = """<select1 ref="/data/b"><itemset nodeset="instance('t')/all/item[o = /data/a]">
      <value ref="name"/><label ref="name"/></itemset></select1>"""
    xml = (HEAD + table + TAIL).replace('<input ref="/data/b"/>', body).encode()
    filling = Filling(reading.read(xml), a_device())
    filling.put("/data/a", "o3")
    assert len(pages(filling)[1].asked[0].options) == 1_200
    filling.put("/data/a", "o4")
    pages(filling)
    assert filling.world.steps < 30_000


def test_a_calculation_may_say_a_choice_by_its_label_in_the_reader_s_language() -> None:
    itext = """<itext><translation lang="uk"><text id="t-0"><value>Ізюм</value></text></translation>
      <translation lang="en"><text id="t-0"><value>Izium</value></text></translation></itext>"""
    table = """<instance id="t"><all><item><itextId>t-0</itextId><name>c0</name></item></all>
      </instance><bind nodeset="/data/c" calculate="jr:choice-name(/data/b, '/data/b')"/>"""
    body = """<select1 ref="/data/b"><itemset nodeset="instance('t')/all/item">
      <value ref="name"/><label ref="jr:itext(itextId)"/></itemset></select1>"""
    xml = (HEAD.replace("<instance>", itext + "<instance>", 1) + table + TAIL).replace(
        '<input ref="/data/b"/>', body
    )
    filling = begin(reading.read(xml.encode()), a_device())
    filling.language = "en"
    filling.put("/data/b", "c0")
    assert filling.node("/data/c").text == "Izium"
