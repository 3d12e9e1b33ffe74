"""JavaRosa, the engine of ODK Collect, as one process that answers questions about forms."""

import shutil
import subprocess
from pathlib import Path

import pytest
import pyxform

JAR = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
SOURCE = Path(__file__).parent / "oracle" / "Oracle.java"


class Oracle:
    """Started by ``begin``; answers are what JavaRosa says, None where it gives an error."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("javac") is None:
            pytest.skip("no javac here: apt-get install default-jdk-headless")
        subprocess.run(
            ["javac", "-nowarn", "-cp", str(JAR), "-d", str(folder), str(SOURCE)], check=True
        )
        self._process = subprocess.Popen(
            ["java", "-Duser.timezone=UTC", "-cp", f"{JAR}:{folder}", "Oracle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def ask(self, *command: str) -> str | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(command) + "\n")
        self._process.stdin.flush()
        state, _, said = self._process.stdout.readline().rstrip("\n").partition("\t")
        return said if state == "OK" else None

    def take(self, form: Path) -> None:
        assert self.ask("FORM", str(form)) is not None, f"JavaRosa does not read {form}"

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
