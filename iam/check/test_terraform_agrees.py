"""That terraform.py works out what Terraform itself does. Terraform plans nothing without its provider, but evaluates expressions:
those of our resources, in which what only the provider knows is put in."""

import json
import re
import shutil

import model
import pytest
import terraform
from test_equal import CASES, MODULE, variables
from test_tools import run_terraform

SOURCES = {file.name: file.read_text() for file in terraform.MODULE.glob("*.tf")}


def text_of(expression):
    return SOURCES["main.tf"][expression.meta.start_pos : expression.meta.end_pos]


def put_in(text, rules):
    """What Terraform would have from the provider, as terraform.py has it."""
    for kind, attributes in model.DATA.items():
        for name, value in attributes.items():
            text = text.replace(f"data.{kind}.current.{name}", json.dumps(value))
    made = {rule: {"arn": f"<{terraform.camel(rule)}.Arn>", "name": f"<{terraform.camel(rule)}.Name>"} for rule in rules}
    text = text.replace("aws_cloudwatch_event_rule.rule", json.dumps(made))

    def attribute(match):
        known = terraform.Instance.ATTRIBUTES[match[2]]
        told = f"<{terraform.camel(match[1])}.{known}>"
        # In the midst of a text, too.
        return told if match.string[: match.start()].endswith("${") else json.dumps(told)

    text = re.sub(r"\baws_[a-z_]+\.([a-z_]+)(?:\[0\])?\.([a-z]+)", attribute, text)
    return re.sub(r"\$\{(<[^>]*>)\}", r"\1", re.sub(r'\$\{"([^"]*)"\}', r"\1", text))


def expressions(plan):
    """Every attribute that is planned, by its address."""
    for (kind, name), body in MODULE.resources.items():
        for key, instance in plan.instances(kind, name).items():
            for attribute, expression in body.attributes.items():
                if attribute not in ("count", "for_each"):
                    text = text_of(expression)
                    if isinstance(key, str):
                        text = text.replace("each.value", f'local.rules["{key}"]').replace("each.key", f'"{key}"')
                    yield f"{instance.address} {attribute}", text


@pytest.mark.parametrize(
    "case",
    [
        "pod-identity,by-name,sqs,by-eventbridge",
        "oidc,by-tag,kms,direct,alarms,doctor,given",
        "not-associated,by-name,kms,direct,alarms",
    ],
)
def test_terraform_has_the_same_values(case, tmp_path):
    given = variables(CASES[case])
    evaluated = {}

    def note(address, attribute, value):
        evaluated[f"{address} {attribute}"] = value
        return value

    plan = MODULE.render(given, model.DATA, note)
    assert plan.resources
    rules = plan.evaluate(MODULE.locals["rules"])

    shutil.copy(terraform.MODULE / "variables.tf", tmp_path)
    lines = ["locals {"]
    lines += [f"{name} = {put_in(text_of(value), rules)}" for name, value in MODULE.locals.items()]
    lines += ["values = {"]
    lines += [f"{json.dumps(name)} = {put_in(text, rules)}" for name, text in expressions(plan)]
    (tmp_path / "values.tf").write_text("\n".join([*lines, "}", "}", ""]))
    (tmp_path / "terraform.tfvars.json").write_text(json.dumps(given))

    done = run_terraform("console", "-no-color", cwd=tmp_path, input="jsonencode(local.values)\n")
    assert done.returncode == 0, done.stdout + done.stderr
    values = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    assert values.keys() > {"aws_sqs_queue.queue name"}
    for name, value in values.items():
        assert readable(value) == readable(evaluated[name]), name


def readable(value):
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
