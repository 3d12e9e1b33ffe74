"""The one command ``nezlam``, made of what the floors bring; only the chosen one is imported."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points, version

import click

GROUP = "nezlam.commands"
OURS = {"edge", "sync", "localservices", "hardware", "provisioning", "central"}


class Doors(click.Group):
    """Commands by entry point, so that no floor imports another to be listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(entry_points(group=GROUP).names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        found = entry_points(group=GROUP, name=cmd_name)
        return _loaded(next(iter(found))) if found else None


def _loaded(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in OURS:
            raise
        return click.Command(
            entry.name,
            callback=_absent(entry, error.name),
            help=f"Not installed here: it needs {error.name}.",
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )
    assert isinstance(command, click.Command)
    return command


def _absent(entry: EntryPoint, module: str) -> Callable[[], None]:
    extras = ",".join(entry.extras)

    def tell() -> None:
        wanted = f"nezlam[{extras}]" if extras else "nezlam"
        raise click.ClickException(
            f"{entry.name} needs {module}, which is not installed: pip install '{wanted}'."
        )

    return tell


@click.command(cls=Doors, epilog="Example: nezlam demo")
@click.version_option(version("nezlam"), prog_name="nezlam")
def main() -> None:
    """Keep a relief centre's services working without a link, and bring every record to central."""
