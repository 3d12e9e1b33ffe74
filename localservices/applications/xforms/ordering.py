"""In which order rules are worked out, so that each reads what is final; loops are refused."""

from collections.abc import Iterator, Mapping

from localservices.applications.xforms.errors import CycleError
from localservices.applications.xforms.form import Bind, Names
from localservices.applications.xforms.syntax import Call, Expression, Path, Step, Text, parts


def of(binds: Mapping[Names, Bind]) -> tuple[Names, ...]:
    """Every node that has a rule. Raises CycleError."""
    known = dict.fromkeys(binds)
    needs = {
        names: [one for one in dict.fromkeys(_read_by(bind)) if one in known and one != names]
        for names, bind in binds.items()
    }
    return _sorted(needs, binds)


def _sorted(needs: Mapping[Names, list[Names]], binds: Mapping[Names, Bind]) -> tuple[Names, ...]:
    done: dict[Names, None] = {}
    for start in needs:
        trail: dict[Names, Iterator[Names]] = {}
        if start not in done:
            trail[start] = iter(needs[start])
        while trail:
            names, left = next(reversed(trail.items()))
            following = next(left, None)
            if following is None:
                trail.popitem()
                done[names] = None
            elif following in trail:
                loop = [*trail][[*trail].index(following) :]
                raise CycleError(tuple("/".join(one[1:]) for one in (*loop, following)))
            elif following not in done:
                trail[following] = iter(needs[following])
    return tuple(names for names in done if _has_rule(binds[names]))


def _has_rule(bind: Bind) -> bool:
    return any((bind.relevant, bind.calculate, bind.readonly))


def _read_by(bind: Bind) -> Iterator[Names]:
    """What relevance and calculation read; and what stands around, for it decides whether it is."""
    for rule in (bind.relevant, bind.calculate):
        if rule is not None:
            yield from reads(rule, bind.names)
    if bind.calculate is not None:
        for depth in range(2, len(bind.names)):
            yield bind.names[:depth]


def reads(expression: Expression, names: Names) -> Iterator[Names]:
    """Where the paths of an expression at ``names`` lead."""
    waiting = [(expression, names)]
    while waiting:
        one, here = waiting.pop()
        if isinstance(one, Path) and one.origin is None:
            place = _followed(one.steps, () if one.absolute else here)
            yield place
            for step in one.steps:
                waiting.extend((inside, place) for inside in step.predicates)
        else:
            waiting.extend((inside, here) for inside in parts(one))
        if isinstance(one, Call) and one.name == "jr:choice-name" and len(one.operands) == 2:
            quoted = one.operands[1]
            if isinstance(quoted, Text) and quoted.value.startswith("/"):
                yield tuple(quoted.value.strip("/").split("/"))


def _followed(steps: tuple[Step, ...], start: Names) -> Names:
    place = list(start)
    for step in steps:
        if step.axis == "parent":
            place = place[:-1]
        elif step.axis in ("child", "attribute"):
            place.append(("@" if step.axis == "attribute" else "") + step.name)
    return tuple(place)
