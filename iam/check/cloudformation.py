"""Reads the CloudFormation template, and works out what a stack of it has for given parameters."""

import json
import re
from functools import cached_property
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).parent.parent / "cloudformation" / "glidepath.yaml"

NOTHING = object()
"""What !Ref AWS::NoValue is: the property is left out."""


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's tags, each read as the function it is short for."""


def _function(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


Loader.add_multi_constructor("!", _function)


def token(resource, attribute):
    """Stands for what is known only when the resource is there. The Terraform side writes it the same way."""
    return f"<{resource}.{attribute}>"


class Template:
    def __init__(self, body=None):
        self.body = body if body is not None else yaml.load(TEMPLATE.read_text(), Loader)

    @property
    def parameters(self):
        return self.body["Parameters"]

    def refusals(self, given):
        """Why CloudFormation would not take these parameters; empty if it would."""
        why = [f"{name} is no parameter" for name in given if name not in self.parameters]
        stack = Stack(self, given, None)
        for name, parameter in self.parameters.items():
            if name not in stack.values:
                why.append(f"{name} is missing")
                continue
            value = stack.values[name]
            if not re.fullmatch(parameter.get("AllowedPattern", ".*"), value):
                why.append(f"{name} does not match {parameter['AllowedPattern']}")
            if len(value) < parameter.get("MinLength", 0):
                why.append(f"{name} is too short")
            if value not in parameter.get("AllowedValues", [value]):
                why.append(f"{name} is none of {parameter['AllowedValues']}")
        if not why:
            for rule in self.body.get("Rules", {}).values():
                why += [
                    assertion["AssertDescription"]
                    for assertion in rule["Assertions"]
                    if not stack.evaluate(assertion["Assert"])
                ]
        return why

    def render(self, given, pseudo):
        """The stack's resources and outputs.

        given: parameters, the others have their defaults; pseudo: AWS::Partition and so on
        """
        refused = self.refusals(given)
        if refused:
            raise ValueError("; ".join(refused))
        return Stack(self, given, pseudo)


class Stack:
    # What !Ref means, by type.
    REFERENCES = {
        "AWS::SQS::Queue": "Url",
        "AWS::IAM::Role": "Name",
    }
    ATTRIBUTES = {
        ("AWS::SQS::Queue", "Arn"): "Arn",
        ("AWS::SQS::Queue", "QueueName"): "Name",
        ("AWS::Events::Rule", "Arn"): "Arn",
        ("AWS::IAM::Role", "Arn"): "Arn",
    }

    def __init__(self, template, given, pseudo):
        self.template = template
        self.pseudo = pseudo
        self.values = {
            name: given.get(name, parameter.get("Default"))
            for name, parameter in template.parameters.items()
            if name in given or "Default" in parameter
        }

    @cached_property
    def resources(self):
        """By logical id: type and properties."""
        return {
            name: (resource["Type"], self.evaluate(resource.get("Properties", {})))
            for name, resource in self.template.body["Resources"].items()
            if self._is_there(resource)
        }

    @cached_property
    def outputs(self):
        return {
            name: self.evaluate(output["Value"])
            for name, output in self.template.body["Outputs"].items()
            if self._is_there(output)
        }

    def _is_there(self, part):
        return "Condition" not in part or self.condition(part["Condition"])

    def condition(self, name):
        return self.evaluate(self.template.body["Conditions"][name])

    def evaluate(self, node):
        if isinstance(node, list):
            return [value for value in map(self.evaluate, node) if value is not NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            (name, argument), *_ = node.items()
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._call(name, argument)
        values = {key: self.evaluate(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not NOTHING}

    def _call(self, name, argument):
        match name:
            case "Ref":
                return self._reference(argument)
            case "Condition":
                return self.condition(argument)
            case "Fn::GetAtt":
                return self._attribute(*argument)
            case "Fn::If":
                condition, yes, no = argument
                return self.evaluate(yes if self.condition(condition) else no)
            case "Fn::Equals":
                one, other = map(self.evaluate, argument)
                return one == other
            case "Fn::Not":
                return not self.evaluate(argument[0])
            case "Fn::And":
                return all(map(self.evaluate, argument))
            case "Fn::Or":
                return any(map(self.evaluate, argument))
            case "Fn::Select":
                index, of = argument
                return self.evaluate(of)[index]
            case "Fn::Split":
                separator, text = argument
                return self.evaluate(text).split(separator)
            case "Fn::Sub":
                return self._substitute(*(argument if isinstance(argument, list) else (argument, {})))
        raise NotImplementedError(f"{name} is not known here: add it to Stack._call")

    def _reference(self, name):
        if name == "AWS::NoValue":
            return NOTHING
        if name.startswith("AWS::"):
            return self.pseudo[name]
        if name in self.values:
            return self.values[name]
        kind = self.template.body["Resources"][name]["Type"]
        return token(name, self.REFERENCES[kind])

    def _attribute(self, resource, attribute):
        kind = self.template.body["Resources"][resource]["Type"]
        return token(resource, self.ATTRIBUTES[kind, attribute])

    def _substitute(self, text, more):
        more = {name: self.evaluate(value) for name, value in more.items()}

        def value(match):
            name = match[1]
            if name in more:
                return more[name]
            return self._attribute(*name.split(".", 1)) if "." in name else self._reference(name)

        return re.sub(r"\$\{([^}!]+)\}", value, text)


def document(value):
    """A policy document, which may be written as a text."""
    return json.loads(value) if isinstance(value, str) else value
