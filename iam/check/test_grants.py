"""What the policies grant: no more than is needed, to nobody else."""

import copy
import json
import re
from functools import cache
from pathlib import Path

import cases
import cloudformation
import model
import pytest
import terraform
from cfnlint.data.AdditionalSpecs import __path__ as specifications
from test_equal import CASES, MODULE, TEMPLATE, variables

MAIN = Path(__file__).parents[2] / "src/main/java/dev/glidepath"

# What AWS says of each action, as cfn-lint brings it along: of which resources it can be granted.
ACTIONS = json.loads((Path(list(specifications)[0]) / "Policies.json").read_text())


@cache
def forms(case):
    parameters = CASES[case]
    return (
        model.of_stack(TEMPLATE.render(parameters, model.PSEUDO)),
        model.of_plan(MODULE.render(variables(parameters), model.DATA)),
    )


def statements(resources):
    """Every statement of every policy: the resource it stands in, its Sid, itself."""
    for name, resource in resources.items():
        for property in ("PolicyDocument", "AssumeRolePolicyDocument"):
            for sid, statement in resource.get(property, {}).get("Statement", {}).items():
                yield name, sid, statement


@pytest.fixture
def resources():
    """Of every case, in both forms."""
    return [form for case in CASES for form in forms(case)]


def test_no_action_has_a_star_but_what_is_refused(resources):
    for form in resources:
        for name, sid, statement in statements(form):
            starred = [action for action in statement["Action"] if "*" in action]
            assert not starred or (statement["Effect"] == "Deny" and starred == ["sqs:*"]), (name, sid)


def test_nothing_is_granted_by_exception(resources):
    for form in resources:
        for name, sid, statement in statements(form):
            assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys(), (name, sid)


def test_both_queues_refuse_whoever_comes_without_tls(resources):
    for form in resources:
        for queue in ("Queue", "DeadLetterQueue"):
            (policy,) = [
                resource["PolicyDocument"]
                for resource in form.values()
                if resource["Type"] == "AWS::SQS::QueuePolicy" and resource["Queues"] == [f"<{queue}.Url>"]
            ]
            assert policy["Statement"]["RefuseWithoutTls"] == {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["sqs:*"],
                "Resource": [f"<{queue}.Arn>"],
                "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
            }


def test_both_queues_are_encrypted(resources):
    for form in resources:
        for queue in ("Queue", "DeadLetterQueue"):
            assert form[queue].get("SqsManagedSseEnabled") is True or form[queue].get("KmsMasterKeyId") == cases.KEY


def test_services_may_act_for_us_alone(resources):
    for form in resources:
        for name, sid, statement in statements(form):
            principal = statement.get("Principal")
            if statement["Effect"] == "Deny" or not isinstance(principal, dict) or "Service" not in principal:
                continue
            condition = statement["Condition"]
            if principal["Service"] == ["pods.eks.amazonaws.com"]:
                # EKS says for whom it asks by tags; the cluster's ARN has the account in it.
                tags = condition["StringEquals"]
                assert tags["aws:RequestTag/eks-cluster-arn"] == [
                    f"arn:{model.PARTITION}:eks:{model.REGION}:{model.ACCOUNT}:cluster/demo"
                ]
                assert {"aws:RequestTag/kubernetes-namespace", "aws:RequestTag/kubernetes-service-account"} < tags.keys()
            else:
                assert condition["StringEquals"]["aws:SourceAccount"] == [model.ACCOUNT], (name, sid)
                arns = condition.get("ArnEquals", condition.get("ArnLike"))["aws:SourceArn"]
                assert arns and not any(arn == "*" for arn in arns), (name, sid)


def test_nobody_else_is_trusted(resources):
    for form in resources:
        for name, sid, statement in statements(form):
            principal = statement.get("Principal")
            if statement["Effect"] == "Allow" and principal is not None:
                assert principal in (
                    {"Service": ["events.amazonaws.com"]},
                    {"Service": ["pods.eks.amazonaws.com"]},
                    {"Service": ["autoscaling.amazonaws.com"]},
                    {"Federated": [cases.OIDC_PROVIDER]},
                ), (name, sid)


def test_tokens_are_held_against_audience_and_subject_exactly():
    issuer = cases.OIDC_PROVIDER.split("oidc-provider/")[1]
    for case, parameters in CASES.items():
        if "OidcProviderArn" in parameters:
            namespace = parameters.get("Namespace", "glidepath")
            account = parameters.get("ServiceAccount", "glidepath")
            for form in forms(case):
                (statement,) = form["Role"]["AssumeRolePolicyDocument"]["Statement"].values()
                assert statement["Condition"] == {
                    "StringEquals": {
                        f"{issuer}:aud": ["sts.amazonaws.com"],
                        f"{issuer}:sub": [f"system:serviceaccount:{namespace}:{account}"],
                    }
                }


def test_hooks_are_touched_of_the_groups_alone():
    for case, parameters in CASES.items():
        for form in forms(case):
            statement = form["HookPermissions"]["PolicyDocument"]["Statement"]["HoldAndComplete"]
            (resource,) = statement["Resource"]
            assert resource.endswith(":autoScalingGroupName/" + parameters["AutoScalingGroups"])
            if parameters["AutoScalingGroups"] == "*":
                assert statement["Condition"] == {
                    "StringEquals": {"autoscaling:ResourceTag/kubernetes.io/cluster/demo": ["owned"]}
                }


def test_all_resources_are_meant_only_where_AWS_knows_no_others(resources):
    for form in resources:
        for name, sid, statement in statements(form):
            for action in statement["Action"]:
                service, verb = action.lower().split(":")
                if service == "sts" or verb == "*":
                    continue
                known = ACTIONS[service]["Actions"][verb]
                assert ("*" in statement["Resource"]) == (not known.get("Resources")), (name, sid, action)


def granted(case):
    """All that the role of the pods may do."""
    return {
        action
        for form in forms(case)
        for name, _, statement in statements(form)
        if form[name]["Type"] == "AWS::IAM::Policy" and form[name]["Roles"] == ["<Role.Name>"]
        for action in statement["Action"]
    }


def test_the_daemon_may_do_what_it_does_and_no_more():
    daemon = {
        # What it reports as missing where AWS denies it.
        f"{service.lower().replace('_', '')}:{action}"
        for service, action in re.findall(
            r'Service\.(\w+),\s*"(\w+)"', (MAIN / "permission" / "Permission.java").read_text()
        )
    }
    assert {"sqs:ReceiveMessage", "autoscaling:CompleteLifecycleAction"} <= daemon
    assert granted("pod-identity,by-name,sqs,by-eventbridge") == daemon


def test_the_doctor_may_do_what_it_does_and_no_more():
    clients = {"sqs": "sqs", "eventBridge": "events", "autoScaling": "autoscaling"}  # nobody needs a right to ask STS who he is
    doctor = {
        # A paginator of the client is the same action, asked again.
        f"{clients[client]}:{call[0].upper()}{call[1:]}".removesuffix("Paginator")
        for file in (MAIN / "doctor").rglob("*.java")
        for client, call in re.findall(r"\b(sqs|eventBridge|autoScaling)\s*\.((?:get|describe|list)\w+)\(", file.read_text())
    }
    assert "events:ListRuleNamesByTarget" in doctor
    daemons = granted("pod-identity,by-name,sqs,by-eventbridge")
    assert granted("pod-identity,by-name,sqs,by-eventbridge,doctor") == daemons | doctor


def test_every_statement_says_why():
    """Each has a comment above it, in both files."""
    for file in (cloudformation.TEMPLATE, terraform.MODULE / "main.tf"):
        lines = file.read_text().splitlines()
        found = 0
        for number, line in enumerate(lines):
            if re.match(r'\s*(- )?Sid\s*[:=]', line):
                found += 1
                above = [before.strip() for before in lines[max(0, number - 5) : number]]
                said_once = "RefuseWithoutTls" in line or "OurServiceAccountByOidc" in line
                assert said_once or any(before.startswith("#") for before in above), f"{file.name}:{number + 1}"
        assert found >= 12


def test_star_among_the_actions_would_be_found():
    form = copy.deepcopy(forms(next(iter(CASES)))[0])
    form["QueuePermissions"]["PolicyDocument"]["Statement"]["ReceiveAndSettle"]["Action"] = ["sqs:*"]
    with pytest.raises(AssertionError, match="ReceiveAndSettle"):
        test_no_action_has_a_star_but_what_is_refused([form])


def test_service_without_a_source_would_be_found():
    form = copy.deepcopy(forms(next(iter(CASES)))[0])
    del form["QueuePolicy"]["PolicyDocument"]["Statement"]["DeliverInterruptions"]["Condition"]["StringEquals"]
    with pytest.raises(KeyError):
        test_services_may_act_for_us_alone([form])
