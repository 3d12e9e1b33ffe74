"""How many documents one core judges in a second, beside what OpenSSL makes of their signatures."""

import shutil
import subprocess
from collections.abc import Callable

from edge.bench import papers
from edge.bench.papers import NOW_S, Paper
from edge.bench.report import Figure
from localservices.verification import engine
from localservices.verification.knowledge import Knowledge, When

ROUND_S = 1.0
_AIM = ">= 0.7"


class OpensslError(Exception):
    """There is no baseline. ``str(error)`` says what to do."""


def measure(rounds: int, now_us: Callable[[], float]) -> list[Figure]:
    """The best of ``rounds`` for each: other work only slows. Raises OpensslError."""
    issuer = papers.an_issuer()
    known = papers.known(issuer)
    figures = []
    for paper in papers.papers(issuer):
        ours = max(_judged(paper, known, now_us) for _ in range(rounds))
        raw = max(_openssl(paper.signatures) for _ in range(rounds))
        words = f"openssl speed: {' and '.join(paper.signatures)}, one verification each"
        figures.append(Figure(paper.name, ours, "documents/s", words, raw, _AIM))
    return figures


def _judged(paper: Paper, known: Knowledge, now_us: Callable[[], float]) -> float:
    """Documents a second."""
    when, done, begin = When(NOW_S * 1000), 0, now_us()
    while (took := now_us() - begin) < ROUND_S * 1e6:
        for _ in range(100):
            if (found := engine.judge(paper.text, known, when)).state is not paper.state:
                raise AssertionError(f"a genuine {paper.name} is {found.state}: {found.reason}")
        done += 100
    return done / took * 1e6


def _openssl(algorithms: tuple[str, ...]) -> float:
    """Documents a second if a document were nothing but these signatures."""
    openssl = shutil.which("openssl")
    if openssl is None:
        raise OpensslError("openssl is not installed: it is what is compared with.")
    seconds = 0.0
    for algorithm in algorithms:
        done = subprocess.run(  # noqa: S603  no shell, our own words
            [openssl, "speed", "-mr", "-seconds", "1", algorithm],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line.split(":") for line in done.stdout.splitlines() if line.startswith("+F")]
        if not lines:
            raise OpensslError(f"openssl speed does not know {algorithm}: a newer one is needed.")
        seconds += 1 / float(lines[-1][-1])
    return 1 / seconds
