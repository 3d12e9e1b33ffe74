"""The benches of documents judge and find what they make, and stay within their aims of size."""

from pathlib import Path

from edge import clock
from edge.bench import registry, verify
from edge.bench.registry import Plan
from tests.daemons import require


def test_a_registry_is_measured_with_all_its_figures(tmp_path: Path) -> None:
    plan, done = Plan(documents=100_000, probes=1_000), [0]

    def tick(count: int) -> None:
        done[0] += count

    result = registry.measure(plan, tmp_path, tick, clock.monotonic_us)
    assert [figure.ratio <= 1.3 for figure in result.figures()] == [True, True]
    assert done[0] == registry.work(plan)


def test_documents_are_judged_beside_openssl() -> None:
    require("openssl")
    figures = verify.measure(1, clock.monotonic_us)
    assert [figure.name for figure in figures] == ["hcert", "edocument", "mdoc", "sdjwt"]
    assert all(figure.ratio > 0 for figure in figures)
