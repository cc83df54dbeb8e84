"""Reads the Terraform module, and works out what it plans for given variables, without Terraform and its provider.

Knows as much of the language as the module uses, and says so when it meets more.
"""

import json
import re
from functools import cached_property
from pathlib import Path

import hcl2
from hcl2.utils import process_escape_sequences
from lark import Token, Tree

MODULE = Path(__file__).parent.parent / "terraform"

REQUIRED = object()
"""The default of a variable that has none."""


def camel(name):
    """dead_letter_queue is DeadLetterQueue on the other side."""
    return "".join(part.capitalize() for part in name.split("_"))


def _noise(node):
    return isinstance(node, Tree) and node.data == "new_line_or_comment"


def _trees(node):
    return [child for child in node.children if isinstance(child, Tree) and not _noise(child)]


def _name(node):
    """The text of an identifier, of a keyword, or of a string without interpolation."""
    return "".join(str(part) for part in node.scan_values(lambda part: isinstance(part, Token))).strip('"').strip()


class Body:
    """What stands between a block's braces."""

    def __init__(self, tree):
        self.attributes = {}
        self.blocks = []
        for child in _trees(tree):
            if child.data == "attribute":
                key, expression = _trees(child)
                self.attributes[_name(key)] = expression
            elif child.data == "block":
                *labels, body = _trees(child)
                self.blocks.append(([_name(label) for label in labels], Body(body)))


class Module:
    def __init__(self, folder=MODULE):
        self.variables, self.locals, self.resources, self.outputs = {}, {}, {}, {}
        for file in sorted(folder.glob("*.tf")):
            (tree,) = _trees(hcl2.parses_to_tree(file.read_text()))
            for labels, body in Body(tree).blocks:
                match labels:
                    case ["variable", name]:
                        self.variables[name] = body
                    case ["locals"]:
                        self.locals |= body.attributes
                    case ["resource", kind, name]:
                        self.resources[kind, name] = body
                    case ["output", name]:
                        self.outputs[name] = body
                    case ["data", _, _] | ["terraform"]:
                        pass
                    case _:
                        raise NotImplementedError(f"block {' '.join(labels)} in {file.name}: add it to terraform.py")

    def default(self, variable):
        body = self.variables[variable]
        return Plan(self, {}, {}).evaluate(body.attributes["default"]) if "default" in body.attributes else REQUIRED

    def type(self, variable):
        return _name(self.variables[variable].attributes["type"])

    def description(self, variable):
        return Plan(self, {}, {}).evaluate(self.variables[variable].attributes["description"])

    def patterns(self, variable):
        """The regular expressions its validations hold it against."""
        for labels, body in self.variables[variable].blocks:
            for call in body.attributes["condition"].find_data("function_call"):
                if _name(_trees(call)[0]) == "regex":
                    yield Plan(self, {}, {}).evaluate(_trees(_trees(call)[1])[0])

    def refusals(self, given):
        """Why Terraform would not take these variables; empty if it would."""
        why = [f"{name} is no variable" for name in given if name not in self.variables]
        plan = Plan(self, given, {})
        why += [f"{name} is missing" for name in self.variables if plan.values[name] is REQUIRED]
        if not why:
            for variable in self.variables.values():
                why += [
                    plan.evaluate(body.attributes["error_message"])
                    for labels, body in variable.blocks
                    if labels == ["validation"] and not plan.evaluate(body.attributes["condition"])
                ]
        return why

    def render(self, given, data, override=None):
        """What is planned.

        given: variables, the others have their defaults; data: what each data source tells, by type and attribute;
        override: a function of address, attribute and value that may give another value
        """
        refused = self.refusals(given)
        if refused:
            raise ValueError("; ".join(refused))
        return Plan(self, given, data, override)


class Instance:
    """One object of a resource. What is known of it only when it is there is a token, as on the other side."""

    ATTRIBUTES = {"arn": "Arn", "url": "Url", "name": "Name"}

    def __init__(self, address, logical):
        self.address = address
        self.logical = logical

    def attribute(self, name):
        return f"<{self.logical}.{self.ATTRIBUTES[name]}>"


class Plan:
    def __init__(self, module, given, data, override=None):
        self.module = module
        self.data = data
        self.override = override or (lambda address, attribute, value: value)
        self.values = {name: given.get(name, REQUIRED) for name in module.variables}
        for name, value in self.values.items():
            if value is REQUIRED and "default" in module.variables[name].attributes:
                self.values[name] = self.evaluate(module.variables[name].attributes["default"])
        self._locals = {}

    @cached_property
    def resources(self):
        """By type and logical id: attributes, nested blocks among them."""
        planned = {}
        for (kind, name), body in self.module.resources.items():
            for key, instance in self.instances(kind, name).items():
                scope = {} if key is None or isinstance(key, int) else self._each(body, key)
                planned[kind, instance.logical] = self._attributes(instance.address, body, scope)
        return planned

    @cached_property
    def outputs(self):
        values = {name: self.evaluate(body.attributes["value"]) for name, body in self.module.outputs.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _attributes(self, address, body, scope):
        attributes = {
            name: self.override(address, name, self.evaluate(expression, scope))
            for name, expression in body.attributes.items()
            if name not in ("count", "for_each")
        }
        for labels, block in body.blocks:
            attributes[labels[0]] = self._attributes(f"{address}.{labels[0]}", block, scope)
        return {name: value for name, value in attributes.items() if value is not None}

    def instances(self, kind, name):
        """By key, which is None for a resource without count and for_each."""
        attributes = self.module.resources[kind, name].attributes
        if "count" in attributes:
            return {
                index: Instance(f"{kind}.{name}[{index}]", camel(name))
                for index in range(self.evaluate(attributes["count"]))
            }
        if "for_each" in attributes:
            # The resource's own name says nothing then: a target is part of its rule.
            return {
                key: Instance(f'{kind}.{name}["{key}"]', camel(key))
                for key in sorted(self.evaluate(attributes["for_each"]))
            }
        return {None: Instance(f"{kind}.{name}", camel(name))}

    def _each(self, body, key):
        return {"each": {"key": key, "value": self.evaluate(body.attributes["for_each"])[key]}}

    # --- expressions ---

    def evaluate(self, node, scope=None):
        scope = scope or {}
        rule = getattr(self, "_" + node.data.replace("-", "_"), None)
        if rule is None:
            raise NotImplementedError(f"{node.data} is not known here: add it to terraform.Plan")
        return rule(node, scope)

    def _expr_term(self, node, scope):
        (inner,) = _trees(node)
        return self.evaluate(inner, scope)

    def _int_lit(self, node, _):
        return int(_name(node))

    def _literal_value(self, node, _):
        return {"true": True, "false": False, "null": None}[_name(node)]

    def _string(self, node, scope):
        parts = []
        for part in node.children[1:-1]:
            (child,) = part.children
            if isinstance(child, Token):
                parts.append(process_escape_sequences(str(child)))
            else:
                parts.append(str(self.evaluate(_trees(child)[0], scope)))
        return "".join(parts)

    def _tuple(self, node, scope):
        return [self.evaluate(child, scope) for child in _trees(node)]

    def _object(self, node, scope):
        values = {}
        for element in _trees(node):
            key, value = _trees(element)
            values[self._key(key, scope)] = self.evaluate(value, scope)
        return values

    def _key(self, node, scope):
        """A key in quotes may have interpolations, any other is its own name."""
        strings = list(node.find_data("string"))
        return self.evaluate(strings[0], scope) if strings else _name(node)

    def _conditional(self, node, scope):
        condition, yes, no = _trees(node)
        return self.evaluate(yes if self.evaluate(condition, scope) else no, scope)

    def _unary_op(self, node, scope):
        operator, (operand,) = str(node.children[0]), _trees(node)
        if operator != "!":
            raise NotImplementedError(f"the operator {operator}")
        return not self.evaluate(operand, scope)

    def _binary_op(self, node, scope):
        left, right = _trees(node)
        operator, operand = _trees(right)
        one = self.evaluate(left, scope)
        match _name(operator):
            case "&&":
                return one and self.evaluate(operand, scope)
            case "||":
                return one or self.evaluate(operand, scope)
            case "==":
                return one == self.evaluate(operand, scope)
            case "!=":
                return one != self.evaluate(operand, scope)
        raise NotImplementedError(f"the operator {_name(operator)}")

    def _identifier(self, node, scope):
        name = _name(node)
        if name in scope:
            return scope[name]
        if name in ("var", "local", "data") or any(kind == name for kind, _ in self.module.resources):
            return _Namespace(name)
        raise NameError(name)

    def _get_attr_expr_term(self, node, scope):
        of, attribute = _trees(node)
        return self._attribute(self.evaluate(of, scope), _name(_trees(attribute)[0]))

    def _attribute(self, of, name):
        match of:
            case _Namespace("var"):
                return self.values[name]
            case _Namespace("local"):
                if name not in self._locals:
                    self._locals[name] = self.evaluate(self.module.locals[name])
                return self._locals[name]
            case _Namespace("data"):
                return _Namespace("data." + name)
            case _Namespace(kind) if kind.startswith("data."):
                return self.data[kind.removeprefix("data.")]
            case _Namespace(kind):
                instances = self.instances(kind, name)
                return instances[None] if None in instances else instances
            case Instance():
                return of.attribute(name)
        return of[name]

    def _index_expr_term(self, node, scope):
        of, index = _trees(node)
        return self.evaluate(of, scope)[self.evaluate(_trees(index)[0], scope)]

    def _full_splat_expr_term(self, node, scope):
        of, splat = _trees(node)
        values = list(self.evaluate(of, scope).values())
        for step in _trees(splat):
            values = [self._attribute(value, _name(_trees(step)[0])) for value in values]
        return values

    def _for_tuple_expr(self, node, scope):
        intro, value = _trees(node)
        variable, source = _trees(intro)
        collection = self.evaluate(source, scope)
        elements = [collection[key] for key in sorted(collection)] if isinstance(collection, dict) else collection
        return [self.evaluate(value, scope | {_name(variable): element}) for element in elements]

    def _function_call(self, node, scope):
        name, *arguments = _trees(node)
        expressions = _trees(arguments[0]) if arguments else []
        if _name(name) == "can":
            try:
                self.evaluate(expressions[0], scope)
                return True
            except ValueError:
                return False
        return self._call(_name(name), [self.evaluate(expression, scope) for expression in expressions])

    def _call(self, name, arguments):
        match name, arguments:
            case "jsonencode", [value]:
                return json.dumps(value)
            case "merge", objects:
                return {key: value for each in objects for key, value in each.items()}
            case "one", [values]:
                (value,) = values or [None]
                return value
            case "regex", [pattern, text]:
                if not re.search(pattern, text):
                    raise ValueError(f"{text} does not match {pattern}")
                return text
            case "split", [separator, text]:
                return text.split(separator)
            case "substr", [text, start, length]:
                return text[start : start + length]
        raise NotImplementedError(f"the function {name}: add it to terraform.Plan")


class _Namespace:
    __match_args__ = ("name",)

    def __init__(self, name):
        self.name = name
