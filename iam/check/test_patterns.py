"""The rules' patterns: everything that matters arrives, nothing else does. No server here: EventBridge's matching, in a few lines."""

import copy

import decoder
import events
import model
import pytest
from test_equal import MODULE, TEMPLATE, variables

GROUPS = {"ClusterName": "demo", "AutoScalingGroups": "workers-*"}

# What announces each kind of interruption.
KINDS = {
    "spot-interruption": ["spot-terminate.json", "spot-stop.json", "spot-hibernate.json"],
    "rebalance-recommendation": ["rebalance.json"],
    "state-change": ["state-stopping.json", "state-terminated.json"],
    "asg-termination": ["asg-terminate.json", "asg-terminate-to-warmpool.json"],
    "asg-launch": ["asg-launch.json", "asg-launch-from-warmpool.json"],
    "scheduled-change": ["health-retirement-two-instances.json", "health-closed.json", "health-older-form.json"],
    "capacity-reservation": [
        "capacity-reservation-interruption-interruptible.json",
        "capacity-reservation-interruption-no-time.json",
        "capacity-block-expiration.json",
        "capacity-block-reservation-expiration.json",
    ],
    "health-notice": ["health-issue-one-instance.json", "health-no-start-time.json"],
}


def patterns(parameters):
    """Of each rule, in both forms."""
    stack = model.of_stack(TEMPLATE.render(parameters, model.PSEUDO))
    plan = model.of_plan(MODULE.render(variables(parameters), model.DATA))
    for form, resources in {"CloudFormation": stack, "Terraform": plan}.items():
        yield form, {
            name: resource["EventPattern"]
            for name, resource in resources.items()
            if resource["Type"] == "AWS::Events::Rule"
        }


@pytest.fixture(params=["CloudFormation", "Terraform"])
def rules(request):
    return dict(patterns(GROUPS))[request.param]


def takers(rules, event):
    return [name for name, pattern in rules.items() if events.matches(pattern, event)]


def event(source, kind, **detail):
    return {"source": source, "detail-type": kind, "resources": [], "detail": detail}


def test_every_sample_is_known():
    files = {file.name for file in events.SAMPLES.iterdir()}
    assert files == events.ARRIVE | events.NOISE | events.DIRECT, "say in events.py what EventBridge does with it"


@pytest.mark.parametrize("name", sorted(events.ARRIVE))
def test_arrives_once(rules, name):
    assert len(takers(rules, events.sample(name))) == 1


@pytest.mark.parametrize("name", sorted(events.NOISE))
def test_does_not_arrive(rules, name):
    assert takers(rules, events.sample(name)) == []


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"])
def test_states_of_an_instance_that_goes_arrive(rules, state):
    sample = events.sample("state-stopping.json")
    sample["detail"]["state"] = state
    assert takers(rules, sample) == ([] if state in ("pending", "running") else ["StateChange"])


@pytest.mark.parametrize("name", ["asg-launch.json", "asg-terminate.json"])
@pytest.mark.parametrize("group, pattern, arrives", [
    ("workers-a", "workers-*", True),
    ("workers-", "workers-*", True),
    ("databases", "workers-*", False),
    ("my-workers-a", "workers-*", False),
    ("workers-a", "workers-a", True),
    ("workers-ab", "workers-a", False),
    ("eksctl-demo-nodegroup-a-NodeGroup-X", "eksctl-demo-*-NodeGroup-*", True),
    ("workers.a", "workers-a", False),
])  # fmt: skip
def test_actions_of_the_groups_arrive(name, group, pattern, arrives):
    sample = events.sample(name)
    sample["detail"]["AutoScalingGroupName"] = group
    for _, rules in patterns(GROUPS | {"AutoScalingGroups": pattern}):
        assert takers(rules, sample) == (["LifecycleAction"] if arrives else [])


def test_actions_of_all_groups_arrive_where_a_tag_selects_them():
    tagged = {"AutoScalingGroups": "*", "AutoScalingGroupTagKey": "a", "AutoScalingGroupTagValue": "b"}
    for _, rules in patterns(GROUPS | tagged):
        assert takers(rules, events.sample("asg-terminate.json")) == ["LifecycleAction"]


# --- Whatever the decoder accepts has a rule. ---


def unannounced(rules, kinds=None, ec2=None):
    """What the decoder accepts, and no rule lets through."""
    kinds = kinds or decoder.kinds()
    missing = [f"kind {kind}: say in KINDS which sample announces it" for kind in kinds if kind not in KINDS]
    missing += [
        f"kind {kind}, {name}"
        for kind, names in KINDS.items()
        for name in names
        if not takers(rules, events.sample(name))
    ]
    instance = {"instance-id": "i-0a1b2c3d4e5f60001"}
    types = ec2 or decoder.ec2_types()
    for kind in types:
        states = decoder.states() if "State-change" in kind else ["any"]
        missing += [
            f"{kind}, {state}"
            for state in states
            if not takers(rules, event("aws.ec2", kind, state=state, **instance))
        ]
    for transition in decoder.transitions():
        action = {"LifecycleTransition": transition, "AutoScalingGroupName": "workers-a"}
        told = "EC2 Instance-terminate" if transition.endswith("TERMINATING") else "EC2 Instance-launch"
        if not takers(rules, event("aws.autoscaling", told + " Lifecycle Action", **action)):
            missing.append(transition)
    missing += [
        f"{kind}, category {category}"
        for kind in decoder.health_types()
        for category in ("issue", "accountNotification", "scheduledChange", "investigation")
        if not takers(
            rules,
            event("aws.health", kind, service="EC2", eventTypeCategory=category, eventScopeCode="ACCOUNT_SPECIFIC"),
        )
    ]
    known = {source for pattern in rules.values() for source in pattern["source"]}
    missing += [source for source in decoder.sources() if source not in known]
    return missing


def test_everything_the_decoder_accepts_has_a_rule(rules):
    assert unannounced(rules) == []


def test_the_decoder_is_read_right():
    assert set(KINDS) == set(decoder.kinds())
    assert "EC2 Spot Instance Interruption Warning" in decoder.ec2_types()
    assert "EC2 Spot Instance Request Fulfillment" not in decoder.ec2_types()
    assert decoder.states() == ["stopping", "shutting-down", "stopped", "terminated"]
    assert set(decoder.sources()) == {"aws.ec2", "aws.autoscaling", "aws.health"}
    assert len(decoder.transitions()) == 2
    assert decoder.health_types() == ["AWS Health Event"]


def test_a_kind_added_to_the_decoder_without_a_rule_is_found(rules):
    kind = decoder.source("Kind").replace("HEALTH_NOTICE;", "HEALTH_NOTICE,\n    METEOR;")
    assert unannounced(rules, kinds=decoder.kinds(kind)) == ["kind meteor: say in KINDS which sample announces it"]

    java = decoder.source("Ec2Decoder").replace(
        'case "EC2 Instance Rebalance', 'case "EC2 Meteor Warning" -> announced(meteor(detail));\ncase "EC2 Instance Rebalance'
    )
    assert unannounced(rules, ec2=decoder.ec2_types(java)) == ["EC2 Meteor Warning, any"]


@pytest.mark.parametrize("rule", ["SpotInterruption", "RebalanceRecommendation", "StateChange", "CapacityReservation",
                                  "LifecycleAction", "Health"])  # fmt: skip
def test_a_rule_that_is_missing_is_found(rules, rule):
    assert rule in rules
    fewer = copy.copy(rules)
    del fewer[rule]
    assert unannounced(fewer)
