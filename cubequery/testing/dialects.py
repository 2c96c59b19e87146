"""Requests of the other dialects, drawn from endpoints as they are declared, and one tree printed in each dialect that can say it."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote

from cubequery.ast import Field
from cubequery.dialects import connectnow, cubicl
from cubequery.testing.values import Values

DATES = ("2021-12-24", "@0", "24 December 2021", "2019-09-21T21:21:00", "Fri, 24 Dec 2021", "tomorrow", "12/24", "")
SWITCHES = ("true", "false", "all", "", "x")
NUMBERS = ("0", "1", "2", "3", "100", "abc", "-1", "")
STRANGE = ("nope=1", "_read=x", "$where=1", "%20_acl=x", "a[b]=1", "=x", "%")


class Requests:
    """Draws query strings of lists for one endpoint of a dialect; ``values`` are those of its class."""

    def __init__(self, random: Random, dialect: Any, path: str, schema: Any, user_id_type: str = "Integer") -> None:
        self.random, self.dialect, self.endpoint = random, dialect, dialect.endpoint(path)
        self.values = Values(random, schema, user_id_type)
        self.fields = {field.name: field for field in self.values.fields}

    def query(self) -> str:
        """A few of the declared parameters, now and then a strange one."""
        drawn = self._connectnow() if isinstance(self.dialect, connectnow.ConnectNow) else self._cubicl()
        chosen = self.random.sample(drawn, self.random.randint(0, min(3, len(drawn))))
        if self.random.random() < 0.1:
            chosen.append(self.random.choice(STRANGE))
        return "&".join(chosen)

    def _cubicl(self) -> list[str]:
        return [
            part for each in self.endpoint.parameters for part in [self._parameter(each.name, each.kind, each.asked, each.pair)] if part
        ]

    def _connectnow(self) -> list[str]:
        endpoint, choice = self.endpoint, self.random.choice
        drawn = [f"{name}={quote(choice(DATES))}" for name in ("before", "after")]
        drawn += [f"{name}={choice(NUMBERS)}" for name in ("page", "per_page")]
        drawn += [f"scopes[]={choice([*endpoint.scopes, 'latest'])}"]
        drawn += [f"with[]={quote(each)}" for each in endpoint.expansions] + [f"withCount[]={quote(each)}" for each in endpoint.counts]
        for each in endpoint.filters:
            fields = (each.fields,) if isinstance(each.fields, str) else each.fields
            name = f"{each.name}[]" if each.kind == "any_of" else each.name
            drawn.append(f"{name}={quote(choice(each.choices) if each.choices else self.text(fields[0]))}")
        return drawn

    def _parameter(self, name: str, kind: str, asked: tuple[str, ...], pair: str | None) -> str:
        choice = self.random.choice
        if kind in ("tri_state", "flag", "all_fields"):
            return f"{name}={choice(SWITCHES)}"
        if kind in ("skip", "limit"):
            return f"{name}={choice(NUMBERS)}"
        if kind in ("include", "exclude"):
            return f"{name}={choice(['_id', *self.fields])}"
        text = quote(self.text(asked[0])) if asked else ""
        return f"{name}={text}&{pair}={quote(self.text(asked[0]))}" if kind == "interval_pair" else f"{name}={text}"

    def text(self, name: str) -> str:
        """A value of a field as its text."""
        field: Field | None = self.fields.get(name.partition("[")[0])
        if field is None:
            return "1"
        shown = field.type.element.show(self.random.choice(self.values.pool(field.type.kind.removesuffix("_a"))))
        return str(shown).lower() if isinstance(shown, bool) else str(shown)


Asked = dict[str, Any]
"""One tree: operands by field, a list for one of several, and ``skip`` and ``limit`` in whole pages."""


def printed(asked: Asked, language: str) -> str:
    """The tree as a query string of ``connectycube``, ``connectnow`` or ``cubicl``; fields are parameters of the same name there."""
    pairs = []
    for name, value in asked.items():
        if name in ("skip", "limit"):
            continue
        if isinstance(value, list):
            texts = [quote(str(each), safe="") for each in value]
            joined = "&".join(f"{name}[]={each}" for each in texts)
            pairs.append({"connectycube": f"{name}[in]={','.join(texts)}", "cubicl": f"{name}={','.join(texts)}"}.get(language, joined))
        else:
            pairs.append(f"{name}={quote(str(value), safe='')}")
    skip, limit = asked.get("skip", 0), asked["limit"]
    paging = {"connectnow": f"page={skip // limit + 1}&per_page={limit}"}.get(language, f"skip={skip}&limit={limit}")
    return "&".join([*pairs, paging])


__all__ = ["Requests", "connectnow", "cubicl", "printed"]
