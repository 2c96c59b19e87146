"""Planted bugs of rights: how the ACL is joined, what it opens, and whose tokens are whose."""

from __future__ import annotations

from tests.planted.bug import Bug

RIGHTS: tuple[Bug, ...] = (
    Bug(
        1,
        "ACL merged into the request's $or",
        "cubequery/translate/plan.py",
        "        return all_of(self.query.condition, behind(self.query, self._names), self.rights, self.where)\n",
        "        asked = self.query.condition\n"
        '        if type(asked).__name__ == "AnyOf":\n'
        "            return all_of(type(asked)((*asked.members, self.rights)), self.where)\n"
        "        return all_of(asked, behind(self.query, self._names), self.rights, self.where)\n",
        ("attacks/test_rights.py::test_rights_are_a_member_of_their_own",),
    ),
    Bug(
        2,
        "ACL key overwritten by a request key (dict update)",
        "cubequery/compile/mongo_filter.py",
        '    return {"$and": [compile_filter(member) for member in node.members]} if node.members else {}\n',
        "    return dict(pair for member in reversed(node.members) for pair in compile_filter(member).items())\n",
        ("attacks/test_rights.py::test_rights_are_a_member_of_their_own",),
    ),
    Bug(
        3,
        "_read absent treated as open",
        "cubequery/acl.py",
        "    return Compare(TOKEN_FIELDS[action], IN, list(actor.tokens))\n",
        "    return Compare(TOKEN_FIELDS[action], IN, [*actor.tokens, None])\n",
        ("test_acl.py::test_verdict_table",),
    ),
    Bug(
        4,
        "anonymous compiled to user_id: null",
        "cubequery/acl.py",
        '    if actor.user_id is None or level.access == "not_allowed":\n',
        '    if level.access == "not_allowed":\n',
        ("test_acl.py::test_nobody_is_never_looked_for_as_null", "test_acl.py::test_verdict_table"),
    ),
    Bug(
        5,
        "group token without prefix",
        "cubequery/acl.py",
        '    return f"g{tag}"\n',
        "    return tag\n",
        ("test_actors.py::test_tokens_are_injective",),
    ),
    Bug(
        6,
        "actor's admin tested for truth, not for True",
        "cubequery/acl.py",
        '        if type(admin) is not bool:\n            problems.append("admin must be True or False")\n',
        "        admin = bool(admin)\n",
        ("test_actors.py::test_doubtful_actors_are_refused",),
    ),
    Bug(
        7,
        "class primary ignored on delete",
        "cubequery/acl.py",
        "    if level.primary:\n        return by_class",
        '    if level.primary and action != "delete":\n        return by_class',
        ("test_acl.py::test_verdict_table",),
    ),
)
