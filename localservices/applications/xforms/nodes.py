"""The tree that expressions read: a node has a name, a text or children, and may be irrelevant."""

from collections.abc import Iterator


class Node:
    """One element or attribute. ``type`` is the XForms type that its text is read by."""

    __slots__ = (
        "attributes",
        "children",
        "is_attribute",
        "is_relevant",
        "name",
        "namespace",
        "parent",
        "text",
        "type",
    )

    def __init__(self, name: str, text: str = "", namespace: str = "") -> None:
        self.name = name
        self.text = text
        self.namespace = namespace
        self.type = "string"
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.attributes: dict[str, Node] = {}
        self.is_relevant = True
        self.is_attribute = False

    def add(self, child: "Node", at: int | None = None) -> "Node":
        child.parent = self
        self.children.insert(len(self.children) if at is None else at, child)
        return child

    def put_attribute(self, name: str, text: str, namespace: str = "") -> None:
        attribute = Node(name, text, namespace)
        attribute.parent, attribute.is_attribute = self, True
        self.attributes[name] = attribute

    def named(self, name: str) -> list["Node"]:
        if name == "*":
            return list(self.children)
        return [child for child in self.children if child.name == name]

    def lineage(self) -> list["Node"]:
        """From the root down to this node."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        found.reverse()
        return found

    def names(self) -> tuple[str, ...]:
        """Where it stands, without positions; an attribute's name begins with ``@``."""
        *above, last = self.lineage()
        return (*(node.name for node in above), ("@" if self.is_attribute else "") + last.name)

    def counts(self) -> bool:
        """Whether it and all above it are relevant."""
        node: Node | None = self
        while node is not None:
            if not node.is_relevant:
                return False
            node = node.parent
        return True

    def position(self) -> int:
        """Its place among its siblings of the same name, from 1."""
        if self.parent is None or self.is_attribute:
            return 1
        siblings = self.parent.named(self.name)
        return next(i for i, node in enumerate(siblings, 1) if node is self)

    def copy(self) -> "Node":
        """A copy with all below it, and no parent."""
        twin = Node(self.name, self.text, self.namespace)
        twin.type = self.type
        for name, attribute in self.attributes.items():
            twin.put_attribute(name, attribute.text, attribute.namespace)
        for child in self.children:
            twin.add(child.copy())
        return twin

    def everything(self) -> Iterator["Node"]:
        """It and all below it, attributes among them, in document order."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            yield from node.attributes.values()
            waiting.extend(reversed(node.children))


def resolve(root: Node, names: tuple[str, ...]) -> list[Node]:
    """Every node of the tree that stands where ``names`` say. The first is the root's."""
    if not names or names[0] != root.name:
        return []
    found = [root]
    for name in names[1:]:
        if name.startswith("@"):
            found = [node.attributes[name[1:]] for node in found if name[1:] in node.attributes]
        else:
            found = [child for node in found for child in node.named(name)]
    return found
