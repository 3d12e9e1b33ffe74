"""Why a node cannot run: each error is one plain sentence for the technician."""


class NodeError(Exception):
    """The node cannot start, or go on. ``str(error)`` is one sentence that says what to do."""
