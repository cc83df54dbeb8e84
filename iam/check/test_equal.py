"""CloudFormation and Terraform make the same."""

import copy
import json

import pytest

import cases
import cloudformation
import model
import terraform

TEMPLATE = cloudformation.Template()
MODULE = terraform.Module()
CASES = dict(cases.all_cases())


def variables(parameters):
    """The same in Terraform's words. CloudFormation has no truth values for parameters."""
    read = {"true": True, "false": False}
    return {
        model.snake(name): read[value] if MODULE.type(model.snake(name)) == "bool" else value
        for name, value in parameters.items()
    }


def compare(parameters, template=TEMPLATE, override=None):
    stack = template.render(parameters, model.PSEUDO)
    plan = MODULE.render(variables(parameters), model.DATA, override)
    return model.differences(model.of_stack(stack), model.of_plan(plan)) + model.differences(
        {"output " + model.snake(name): value for name, value in stack.outputs.items()},
        {"output " + name: value for name, value in plan.outputs.items()},
    )


@pytest.mark.parametrize("case", CASES)
def test_same_resources_policies_patterns_and_outputs(case):
    assert compare(CASES[case]) == []


def test_cases_use_every_condition_and_every_resource():
    stacks = [TEMPLATE.render(parameters, model.PSEUDO) for parameters in CASES.values()]
    for condition in TEMPLATE.body["Conditions"]:
        assert {stack.condition(condition) for stack in stacks} == {True, False}, condition
    assert set(TEMPLATE.body["Resources"]) == set().union(*(stack.resources for stack in stacks))
    assert set(TEMPLATE.render(cases.FULL, model.PSEUDO).resources) == set(TEMPLATE.body["Resources"])


def test_same_parameters():
    parameters = {}
    for name, parameter in TEMPLATE.parameters.items():
        truth = parameter.get("AllowedValues") == ["true", "false"]
        parameters[model.snake(name)] = {
            "type": "bool" if truth else "string",
            "default": (parameter["Default"] == "true" if truth else parameter["Default"])
            if "Default" in parameter
            else "(required)",
            "pattern": [parameter["AllowedPattern"]] if "AllowedPattern" in parameter else [],
            "description": plain(parameter["Description"]),
        }
    assert model.differences(
        parameters,
        {
            name: {
                "type": MODULE.type(name),
                "default": "(required)" if MODULE.default(name) is terraform.REQUIRED else MODULE.default(name),
                "pattern": list(MODULE.patterns(name)),
                "description": plain(MODULE.description(name)),
            }
            for name in MODULE.variables
        },
    ) == []


def plain(text):
    """A text in which both ways to write a parameter's name are the same."""
    return text.replace("_", "").lower()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ClusterName": "-demo"},
        {"Namespace": "Glidepath"},
        {"ServiceAccount": "a_b"},
        {"OidcProviderArn": "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"},
        {"AutoScalingGroups": ""},
        {"AutoScalingGroups": "a**b"},
        {"AutoScalingGroups": '"'},
        {"AutoScalingGroups": "${x}"},
        {"AutoScalingGroups": "*"},
        {"AutoScalingGroupTagKey": 'a"'},
        {"AutoScalingGroupTagKey": "key"},
        {"AutoScalingGroupTagValue": "value"},
        {"AutoScalingGroupTagKey": "key", "AutoScalingGroupTagValue": '"'},
        {"QueueName": "a" * 77},
        {"QueueName": "a.fifo"},
        {"KmsKeyArn": "alias/aws/sqs"},
        {"AlarmTopicArn": "alarms"},
    ],
    ids=str,
)
def test_both_refuse(wrong):
    given = {"ClusterName": "demo", "AutoScalingGroups": "demo-*"} | wrong
    assert TEMPLATE.refusals(given)
    assert MODULE.refusals(variables(given))


@pytest.mark.parametrize("missing", ["ClusterName", "AutoScalingGroups"])
def test_both_require(missing):
    given = {"ClusterName": "demo", "AutoScalingGroups": "demo-*"}
    del given[missing]
    assert TEMPLATE.refusals(given) == [missing + " is missing"]
    assert MODULE.refusals(variables(given)) == [model.snake(missing) + " is missing"]


# --- Would these tests notice? ---


def leaves(node, path=()):
    """Each single value, and where it is; also those of a text that is JSON."""
    if isinstance(node, str) and node.startswith("{"):
        node = json.loads(node)
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(value, (*path, key))
    else:
        yield path, node


def changed(node, path):
    """The same with another value there."""
    if isinstance(node, str) and node.startswith("{"):
        return json.dumps(changed(json.loads(node), path))
    if path:
        copied = copy.copy(node)
        copied[path[0]] = changed(node[path[0]], path[1:])
        return copied
    match node:
        case bool():
            return not node
        case int():
            return node + 1
        case _:
            return node + "x"


def test_every_changed_value_of_the_template_is_found():
    stack = TEMPLATE.render(cases.FULL, model.PSEUDO)
    seen = set()
    for name, (kind, properties) in stack.resources.items():
        for path, _ in leaves(properties):
            body = copy.copy(TEMPLATE.body)
            resource = body["Resources"][name] | {"Properties": changed(properties, path)}
            body["Resources"] = body["Resources"] | {name: resource}
            found = compare(cases.FULL, cloudformation.Template(body))
            assert any(line.startswith(name + ".") for line in found), (name, path)
            seen.add(kind)
    assert seen == {resource["Type"] for resource in TEMPLATE.body["Resources"].values()}


def test_every_changed_value_of_the_module_is_found():
    values = []
    plan = MODULE.render(
        variables(cases.FULL), model.DATA, lambda *attribute: values.append(attribute) or attribute[-1]
    )
    assert plan.resources
    for address, attribute, value in values:
        if value is None:
            continue  # left out here
        for path, _ in leaves(value):

            def override(at, name, evaluated, where=(address, attribute), path=path):
                return changed(evaluated, path) if (at, name) == where else evaluated

            try:
                found = compare(cases.FULL, override=override)
            except KeyError as unknown:
                found = [f"a target of {unknown}"]
            assert found, (address, attribute, path)


@pytest.mark.parametrize("name", TEMPLATE.body["Resources"])
def test_a_missing_resource_is_found(name):
    stack = model.of_stack(TEMPLATE.render(cases.FULL, model.PSEUDO))
    plan = model.of_plan(MODULE.render(variables(cases.FULL), model.DATA))
    del stack[name]
    assert any(line.startswith(name) for line in model.differences(stack, plan))


def test_a_missing_statement_is_named():
    body = copy.deepcopy(TEMPLATE.body)
    del body["Resources"]["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0]
    (line,) = compare(cases.FULL, cloudformation.Template(body))
    assert line.startswith("QueuePolicy.PolicyDocument.Statement.RefuseWithoutTls: CloudFormation has None")
