"""``python -m edge`` is the command ``nezlam``, also where no script is installed."""

from edge.main import main

main(prog_name="nezlam")
