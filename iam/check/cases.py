"""The ways to use the templates: every combination of what changes them."""

from itertools import product

OIDC_PROVIDER = "arn:aws-cn:iam::123456789012:oidc-provider/oidc.eks.cn-north-1.amazonaws.com.cn/id/EXAMPLE"
KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/11111111-2222-3333-4444-555555555555"
TOPIC = "arn:aws-cn:sns:cn-north-1:123456789012:alarms"

_CHOICES = {
    "identity": {
        "pod-identity": {},
        "not-associated": {"PodIdentityAssociation": "false"},
        "oidc": {"OidcProviderArn": OIDC_PROVIDER},
    },
    "groups": {
        "by-name": {"AutoScalingGroups": "demo-*"},
        "by-tag": {
            "AutoScalingGroups": "*",
            "AutoScalingGroupTagKey": "kubernetes.io/cluster/demo",
            "AutoScalingGroupTagValue": "owned",
        },
    },
    "encryption": {"sqs": {}, "kms": {"KmsKeyArn": KEY}},
    "hooks": {"by-eventbridge": {}, "direct": {"DirectHooks": "true"}},
    "alarms": {"none": {}, "alarms": {"AlarmTopicArn": TOPIC}},
    "doctor": {"none": {}, "doctor": {"DoctorAccess": "true"}},
    "names": {
        "default": {},
        "given": {"QueueName": "interruptions", "Namespace": "kube-system", "ServiceAccount": "departures"},
    },
}


def all_cases():
    """Name and parameters of each combination."""
    for chosen in product(*(choice.items() for choice in _CHOICES.values())):
        parameters = {"ClusterName": "demo"}
        for _, more in chosen:
            parameters |= more
        yield ",".join(name for name, _ in chosen if name not in ("none", "default")), parameters


FULL = {
    "ClusterName": "demo",
    "AutoScalingGroups": "demo-*",
    "AutoScalingGroupTagKey": "kubernetes.io/cluster/demo",
    "AutoScalingGroupTagValue": "owned",
    "KmsKeyArn": KEY,
    "DirectHooks": "true",
    "AlarmTopicArn": TOPIC,
    "DoctorAccess": "true",
}
"""With every resource there is."""
