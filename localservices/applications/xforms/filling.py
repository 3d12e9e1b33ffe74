"""A form being filled in: answers come in, and what they decide is worked out. No I/O, no clock."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from localservices.applications.xforms import instance
from localservices.applications.xforms.errors import AddressError, EvaluationError
from localservices.applications.xforms.evaluate import evaluate
from localservices.applications.xforms.form import Action, Bind, Form, Names, Repeat
from localservices.applications.xforms.nodes import Node, resolve
from localservices.applications.xforms.scope import Device, World, scope
from localservices.applications.xforms.syntax import Expression
from localservices.applications.xforms.values import (
    Value,
    moment_text,
    single,
    to_boolean,
    to_number,
    to_text,
)

REPEATS_MAX = 200  # of one group at one place
_ROUNDS_MAX = 5  # counts of repeats that depend on what is in repeats settle within a few


class Filling:
    """``root`` is the instance. ``language`` may be changed at any time."""

    def __init__(self, form: Form, device: Device, kept: bytes | None = None) -> None:
        """``kept``: what ``to_xml`` gave before; None: begin anew.

        Raises:
            FormError: what was kept is of another form.
        """
        self.form = form
        self.language = form.default_language
        self.device = device
        self.root = form.root.copy()
        self._repeats = [one for one in form.everything() if isinstance(one, Repeat)]
        self.world = World(self.root, device, form.tables, version=form.version)
        if kept is None:
            self._begin()
        else:
            self.root = instance.read(form, kept)
            self.world.root = self.root
        self.work_out()

    # --- what is answered

    def node(self, address: str) -> Node:
        """Raises AddressError."""
        found = [self.root]
        parts = address.strip("/").split("/")
        if parts[0] != self.root.name:
            raise AddressError(f"nothing stands at {address!r}")
        for part in parts[1:]:
            name, _, place = part.partition("[")
            near = [child for node in found for child in node.named(name)]
            at = int(place.rstrip("]")) if place.rstrip("]").isdecimal() else 1
            found = near[at - 1 : at] if at > 0 else []
        if not found:
            raise AddressError(f"nothing stands at {address[:80]!r}")
        return found[0]

    def put(self, address: str, text: str) -> None:
        """Set an answer that ``answers`` has made sound, and let it act. Raises AddressError."""
        node = self.node(address)
        if node.text == text:
            return
        node.text = text
        names = node.names()
        for action in self.form.actions:
            if action.trigger == names and "xforms-value-changed" in action.events:
                self._act(action, node)
        self.work_out()

    def add(self, names: Names, above: Node) -> Node:
        """Another one of a repeat, after those that stand there. Raises AddressError."""
        template = self.form.templates.get(names)
        like = template or next(iter(resolve(self.form.root, names)), None)
        standing = above.named(names[-1])
        if like is None or len(standing) >= REPEATS_MAX:
            raise AddressError("no more of these fit")
        at = above.children.index(standing[-1]) + 1 if standing else self._place(above, names)
        fresh = above.add(like.copy(), at)
        self._load(fresh)
        for action in self.form.actions:
            if "odk-new-repeat" in action.events and action.names[: len(names)] == names:
                self._act(action, fresh)
        return fresh

    def remove(self, address: str) -> None:
        """Take one of a repeat away, with all that was answered in it. Raises AddressError."""
        node = self.node(address)
        if node.parent is None or node.names() not in {one.names for one in self._repeats}:
            raise AddressError("only a part that repeats can be taken away")
        node.parent.children.remove(node)
        self.work_out()

    def address(self, node: Node) -> str:
        """Where a node stands, with the places of those that repeat."""
        repeats = {one.names for one in self._repeats}
        parts = [
            f"{one.name}[{one.position()}]" if one.names() in repeats else one.name
            for one in node.lineage()
        ]
        return "/" + "/".join(parts)

    # --- what follows from it

    def work_out(self) -> None:
        """Bring relevance, calculations and counts up to what is answered."""
        for _ in range(_ROUNDS_MAX):
            for names in self.form.order:
                for node in resolve(self.root, names):
                    self._rules(self.form.binds[names], node)
            if not self._count_repeats():
                return

    def value(self, expression: Expression, node: Node) -> Value:
        """Raises EvaluationError."""
        return evaluate(expression, scope(self.world, node))

    def holds(self, expression: Expression | None, node: Node, otherwise: bool) -> bool:
        """What cannot be worked out holds as it would without the rule."""
        if expression is None:
            return otherwise
        try:
            return to_boolean(self.value(expression, node), self.device.zone())
        except EvaluationError:
            return otherwise

    def text(self, expression: Expression, node: Node) -> str:
        """As it is shown; what cannot be worked out is empty."""
        try:
            return to_text(self.value(expression, node), self.device.zone())
        except EvaluationError:
            return ""

    def is_readonly(self, node: Node) -> bool:
        bind = self.form.binds.get(node.names())
        return bind is not None and (
            bind.calculate is not None or self.holds(bind.readonly, node, otherwise=False)
        )

    def is_required(self, node: Node) -> bool:
        bind = self.form.binds.get(node.names())
        return bind is not None and self.holds(bind.required, node, otherwise=False)

    def meets_constraint(self, node: Node) -> bool:
        """An empty answer meets every one."""
        bind = self.form.binds.get(node.names())
        return bind is None or not node.text or self.holds(bind.constraint, node, otherwise=True)

    def to_xml(self, *, finished: bool = False) -> bytes:
        """The instance; ``finished``: without what is not relevant, as it is filed."""
        return instance.write(self.form, self.root, only_relevant=finished)

    @property
    def instance_id(self) -> str:
        found = [node for node in self.root.everything() if node.name == "instanceID"]
        return found[0].text if found else ""

    # --- inside

    def _begin(self) -> None:
        for repeat in self._repeats:
            if repeat.count is not None:
                for node in resolve(self.root, repeat.names):
                    assert node.parent is not None
                    node.parent.children.remove(node)
        self._load(self.root)
        for action in self.form.actions:
            if action.trigger is None and action.events & {
                "odk-instance-first-load",
                "odk-instance-load",
                "xforms-ready",
            }:
                for node in resolve(self.root, action.names):
                    self._act(action, node)
        self._name_instance()

    def _name_instance(self) -> None:
        meta = next(iter(self.root.named("meta")), None) or self.root.add(Node("meta"))
        found = next(iter(meta.named("instanceID")), None) or meta.add(Node("instanceID"))
        found.text = found.text or f"uuid:{self.device.new_id()}"

    def _load(self, top: Node) -> None:
        for node in top.everything():
            bind = self.form.binds.get(node.names())
            if bind is None or bind.preload is None or node.text:
                continue
            node.text = self._preloaded(*bind.preload)

    def _preloaded(self, kind: str, parameter: str) -> str:
        now = self.device.now()
        if kind == "uid":
            return f"uuid:{self.device.new_id()}"
        if kind == "date":
            return now.date().isoformat()
        if kind == "timestamp":
            return now.isoformat(timespec="milliseconds") if parameter == "start" else ""
        return self.device.properties.get(parameter, "") if kind == "property" else ""

    def _act(self, action: Action, near: Node) -> None:
        for node in self._meant(action.names, near):
            if action.value is not None:
                node.text = self._worked_out(action.value, node)

    def _meant(self, names: Names, near: Node) -> Iterator[Node]:
        """Those at ``names`` that stand in the same repeats as ``near``."""
        mine = {id(one) for one in near.lineage()}
        repeats = {one.names for one in self._repeats}
        for node in resolve(self.root, names):
            above = [one for one in node.lineage() if one.names() in repeats]
            shared = [one for one in above if one.names() in {x.names() for x in near.lineage()}]
            if all(id(one) in mine for one in shared):
                yield node

    def _rules(self, bind: Bind, node: Node) -> None:
        node.is_relevant = self.holds(bind.relevant, node, otherwise=True)
        if bind.calculate is not None and node.counts():
            node.text = self._worked_out(bind.calculate, node)

    def _worked_out(self, expression: Expression, node: Node) -> str:
        """The text of a value, with its time where the node is for one."""
        try:
            value = single(self.value(expression, node), self.device.zone())
        except EvaluationError:
            return ""
        if isinstance(value, datetime) and node.type in ("dateTime", "time"):
            text = moment_text(value)
            return text if node.type == "dateTime" else text.partition("T")[2]
        return to_text(value, self.device.zone())

    def _count_repeats(self) -> bool:
        """Make as many of each repeat as its form says; whether that changed anything."""
        changed = False
        for repeat in self._repeats:
            if repeat.count is None:
                continue
            for above in resolve(self.root, repeat.names[:-1]):
                changed = self._fit(repeat, repeat.count, above) or changed
        return changed

    def _fit(self, repeat: Repeat, count: Expression, above: Node) -> bool:
        standing = above.named(repeat.names[-1])
        like = standing[0] if standing else above
        try:
            number = to_number(self.value(count, like), self.device.zone())
        except EvaluationError:
            return False
        wanted = max(0, min(REPEATS_MAX, int(number))) if math.isfinite(number) else 0
        for node in standing[wanted:]:
            above.children.remove(node)
        for _ in range(wanted - len(standing)):
            self.add(repeat.names, above)
        return wanted != len(standing)

    def _place(self, above: Node, names: Names) -> int:
        """Where the first of a repeat stands among what the form has around it."""
        models: Sequence[Node] = resolve(self.form.root, names[:-1])
        order = [child.name for child in models[0].children] if models else []
        if names[-1] not in order:
            return len(above.children)
        before = set(order[: order.index(names[-1])])
        return sum(1 for child in above.children if child.name in before)
