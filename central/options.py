"""What every command of central asks for: its settings."""

from pathlib import Path

import click

from central import config as configs
from central.config import Config
from sync.settings import SettingsError

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="central.toml",
    show_default=True,
    help="Central's settings.",
)


def config_of(file: Path) -> Config:
    """Raises UsageError with a sentence."""
    try:
        return configs.read(file)
    except SettingsError as error:
        raise click.UsageError(str(error)) from error
