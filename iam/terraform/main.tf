# The same as ../cloudformation/glidepath.yaml, resource by resource and statement by statement; ../check/run compares the two.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.region
  account    = data.aws_caller_identity.current.account_id
  queue_name = var.queue_name != "" ? var.queue_name : "glidepath-${var.cluster_name}"
  # The provider takes at most 38 characters, and adds the rest.
  name_prefix = substr("glidepath-${var.cluster_name}-", 0, 38)
  groups_arn  = "arn:${local.partition}:autoscaling:${local.region}:${local.account}:autoScalingGroup:*:autoScalingGroupName/${var.auto_scaling_groups}"
  uses_oidc   = var.oidc_provider_arn != ""
  has_tag     = var.auto_scaling_group_tag_key != ""
  uses_kms    = var.kms_key_arn != ""
  alarms      = var.alarm_topic_arn != ""
}

# --- The queue ---

resource "aws_sqs_queue" "queue" {
  name = local.queue_name
  # A hook may hold an instance for two days, and a weekend may pass before anybody looks.
  message_retention_seconds = 345600
  # What each receive asks for itself (queue.SqsRequests).
  visibility_timeout_seconds = 30
  receive_wait_time_seconds  = 5
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter_queue.arn
    # Each time a replica hands a message back counts as well.
    maxReceiveCount = 20
  })
  sqs_managed_sse_enabled = local.uses_kms ? null : true
  kms_master_key_id       = local.uses_kms ? var.kms_key_arn : null
}

# Holds what Glidepath cannot read and what EventBridge cannot deliver. A message's age counts from when it was first sent.
resource "aws_sqs_queue" "dead_letter_queue" {
  name                       = "${local.queue_name}-dlq"
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 30
  receive_wait_time_seconds  = 5
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    # Not the queue's own attribute, since the queue needs this one first.
    sourceQueueArns = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${local.queue_name}"]
  })
  sqs_managed_sse_enabled = local.uses_kms ? null : true
  kms_master_key_id       = local.uses_kms ? var.kms_key_arn : null
}

resource "aws_sqs_queue_policy" "queue_policy" {
  queue_url = aws_sqs_queue.queue.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # The only star in an action: all is refused.
      {
        Sid       = "RefuseWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.queue.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      # What our own rules found, and no other's.
      {
        Sid       = "DeliverInterruptions"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.queue.arn
        Condition = {
          ArnEquals    = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.rule : rule.arn] }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })
}

resource "aws_sqs_queue_policy" "dead_letter_queue_policy" {
  queue_url = aws_sqs_queue.dead_letter_queue.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "RefuseWithoutTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.dead_letter_queue.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      # What EventBridge could not deliver to the queue. What was received too often SQS moves by itself.
      {
        Sid       = "KeepUndelivered"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letter_queue.arn
        Condition = {
          ArnEquals    = { "aws:SourceArn" = [for rule in aws_cloudwatch_event_rule.rule : rule.arn] }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
    ]
  })
}

# --- What is announced: a rule for each thing event.Decoder reads. EventBridge cannot tell one cluster's instances from
# another's; Glidepath does. ---

locals {
  rules = {
    spot_interruption = {
      description = "EC2 takes a spot instance back"
      pattern = {
        source      = ["aws.ec2"]
        detail-type = ["EC2 Spot Instance Interruption Warning"]
      }
    }
    rebalance_recommendation = {
      description = "a spot instance may be taken back soon"
      pattern = {
        source      = ["aws.ec2"]
        detail-type = ["EC2 Instance Rebalance Recommendation"]
      }
    }
    state_change = {
      description = "an instance is going or gone"
      pattern = {
        source      = ["aws.ec2"]
        detail-type = ["EC2 Instance State-change Notification"]
        # Not pending and running, which every launch in the account would send.
        detail = { state = ["stopping", "shutting-down", "stopped", "terminated"] }
      }
    }
    capacity_reservation = {
      description = "reserved capacity is taken back, or a Capacity Block ends"
      pattern = {
        source = ["aws.ec2"]
        # AWS's pages give two names to each of the two.
        detail-type = [
          "EC2 Capacity Reservation Instance Interruption Warning",
          "EC2 Interruptible Capacity Reservation Instance Interruption Warning",
          "Capacity Block Expiration Warning",
          "Capacity Block Reservation Expiration Warning",
        ]
      }
    }
    lifecycle_action = {
      description = "a lifecycle hook holds an instance of ${var.auto_scaling_groups}"
      pattern = {
        source = ["aws.autoscaling"]
        detail-type = [
          "EC2 Instance-terminate Lifecycle Action",
          "EC2 Instance-launch Lifecycle Action",
        ]
        detail = {
          # Not autoscaling:TEST_NOTIFICATION, which a new hook sends.
          LifecycleTransition = [
            "autoscaling:EC2_INSTANCE_TERMINATING",
            "autoscaling:EC2_INSTANCE_LAUNCHING",
          ]
          AutoScalingGroupName = [{ wildcard = var.auto_scaling_groups }]
        }
      }
    }
    health = {
      description = "AWS Health speaks of instances of EC2"
      pattern = {
        source      = ["aws.health"]
        detail-type = ["AWS Health Event"]
        detail = {
          service = ["EC2"]
          # Public events name no instance; those of the older form do not say whether they are.
          eventScopeCode = [{ anything-but = ["PUBLIC"] }, { exists = false }]
        }
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each      = local.rules
  name_prefix   = local.name_prefix
  description   = "Glidepath, cluster ${var.cluster_name}: ${each.value.description}"
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "target" {
  for_each  = local.rules
  rule      = aws_cloudwatch_event_rule.rule[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.queue.arn

  dead_letter_config {
    arn = aws_sqs_queue.dead_letter_queue.arn
  }
}

# --- The role of the pods ---

locals {
  issuer = local.uses_oidc ? split("oidc-provider/", var.oidc_provider_arn)[1] : ""
  trust_by_oidc = {
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OurServiceAccountByOidc"
      Effect    = "Allow"
      Principal = { Federated = var.oidc_provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "system:serviceaccount:${var.namespace}:${var.service_account}"
        }
      }
    }]
  }
  trust_by_pod_identity = {
    Version = "2012-10-17"
    # EKS tags each session with what it was asked for; without the tags any association in the account would do. The cluster's
    # ARN holds the account and the region.
    Statement = [{
      Sid       = "OurServiceAccountByPodIdentity"
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:RequestTag/eks-cluster-arn"            = "arn:${local.partition}:eks:${local.region}:${local.account}:cluster/${var.cluster_name}"
          "aws:RequestTag/kubernetes-namespace"       = var.namespace
          "aws:RequestTag/kubernetes-service-account" = var.service_account
        }
      }
    }]
  }
}

resource "aws_iam_role" "role" {
  name_prefix        = local.name_prefix
  description        = "Glidepath in cluster ${var.cluster_name}"
  assume_role_policy = local.uses_oidc ? jsonencode(local.trust_by_oidc) : jsonencode(local.trust_by_pod_identity)
}

resource "aws_iam_role_policy" "queue_permissions" {
  name = "queue"
  role = aws_iam_role.role.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # queue.SqsRequests: receives, keeps a message from other replicas while its departure lasts, deletes it when settled, and
      # asks once what the queue is like. Each action allows the batch of its kind as well.
      {
        Sid    = "ReceiveAndSettle"
        Effect = "Allow"
        Action = [
          "sqs:ReceiveMessage",
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
        ]
        Resource = aws_sqs_queue.queue.arn
      },
    ]
  })
}

resource "aws_iam_role_policy" "hook_permissions" {
  name = "hooks"
  role = aws_iam_role.role.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # lifecycle.LifecycleHooks: keeps the instance until its pods are gone, then lets Auto Scaling go on.
      merge(
        {
          Sid    = "HoldAndComplete"
          Effect = "Allow"
          Action = [
            "autoscaling:RecordLifecycleActionHeartbeat",
            "autoscaling:CompleteLifecycleAction",
          ]
          Resource = local.groups_arn
        },
        local.has_tag ? {
          Condition = {
            StringEquals = { "autoscaling:ResourceTag/${var.auto_scaling_group_tag_key}" = var.auto_scaling_group_tag_value }
          }
        } : {},
      ),
      # lifecycle.LifecycleHooks: how long a hook holds an instance, and whom it notifies, which tells whether it is ours.
      # Auto Scaling knows no resources for it.
      {
        Sid      = "KnowHooks"
        Effect   = "Allow"
        Action   = "autoscaling:DescribeLifecycleHooks"
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role_policy" "key_permissions" {
  count = local.uses_kms ? 1 : 0
  name  = "key"
  role  = aws_iam_role.role.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # queue.SqsRequests: SQS decrypts for whoever receives, with his permission.
      {
        Sid       = "ReadEncrypted"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.${local.region}.${data.aws_partition.current.dns_suffix}" } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "doctor_permissions" {
  count = var.doctor_access ? 1 : 0
  name  = "doctor"
  role  = aws_iam_role.role.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # doctor.aws.QueueCheck: how much lies in the dead-letter queue. It finds it by its name.
      {
        Sid      = "LookAtDeadLetters"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.dead_letter_queue.arn
      },
      # doctor.aws.RulesCheck: whether each rule is enabled, what it looks for, and where it delivers.
      {
        Sid      = "LookAtRules"
        Effect   = "Allow"
        Action   = ["events:DescribeRule", "events:ListTargetsByRule"]
        Resource = [for rule in aws_cloudwatch_event_rule.rule : rule.arn]
      },
      # doctor.aws.RulesCheck: which rules feed the queue; doctor.aws.HooksCheck: which groups the nodes are of, whose hooks the
      # role may describe anyway. No resources are known for these.
      {
        Sid      = "FindRulesAndGroups"
        Effect   = "Allow"
        Action   = ["events:ListRuleNamesByTarget", "autoscaling:DescribeAutoScalingInstances"]
        Resource = "*"
      },
    ]
  })
}

resource "aws_eks_pod_identity_association" "association" {
  count           = !local.uses_oidc && var.pod_identity_association ? 1 : 0
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.role.arn
}

# --- The role of hooks that notify the queue themselves. A queue policy would not do: Auto Scaling sends as this role. ---

resource "aws_iam_role" "notification_role" {
  count       = var.direct_hooks ? 1 : 0
  name_prefix = local.name_prefix
  description = "Lifecycle hooks that notify Glidepath's queue, cluster ${var.cluster_name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    # Only for hooks of the groups.
    Statement = [{
      Sid       = "HooksOfOurGroups"
      Effect    = "Allow"
      Principal = { Service = "autoscaling.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        ArnLike      = { "aws:SourceArn" = local.groups_arn }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

resource "aws_iam_role_policy" "notification_permissions" {
  count = var.direct_hooks ? 1 : 0
  name  = "queue"
  role  = aws_iam_role.notification_role[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Auto Scaling: finds the queue by its ARN, and sends the lifecycle action.
      {
        Sid      = "Notify"
        Effect   = "Allow"
        Action   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
        Resource = aws_sqs_queue.queue.arn
      },
    ]
  })
}

resource "aws_iam_role_policy" "notification_key_permissions" {
  count = var.direct_hooks && local.uses_kms ? 1 : 0
  name  = "key"
  role  = aws_iam_role.notification_role[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # Auto Scaling: SQS encrypts for whoever sends, with his permission, and proves a key it has by decrypting it.
      {
        Sid       = "NotifyEncrypted"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "sqs.${local.region}.${data.aws_partition.current.dns_suffix}" } }
      },
    ]
  })
}

# --- Alarms. None on the age of the oldest message, which counts those in work, and a drain may take as long as it needs. ---

resource "aws_cloudwatch_metric_alarm" "queue_unread" {
  count             = local.alarms ? 1 : 0
  alarm_name        = "${aws_sqs_queue.queue.name}-unread"
  alarm_description = "Messages have been waiting in ${aws_sqs_queue.queue.name} for five minutes and nobody receives them. Is Glidepath running in cluster ${var.cluster_name}, and may it read the queue? What to do: docs/runbooks/queue-unread.md"
  namespace         = "AWS/SQS"
  metric_name       = "ApproximateNumberOfMessagesVisible"
  dimensions        = { QueueName = aws_sqs_queue.queue.name }
  # Counted once a minute. A running Glidepath leaves nothing waiting for five of them in a row.
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  # SQS reports nothing of a queue that has not been used for hours.
  treat_missing_data = "notBreaching"
  alarm_actions      = [var.alarm_topic_arn]
  ok_actions         = [var.alarm_topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count               = local.alarms ? 1 : 0
  alarm_name          = "${aws_sqs_queue.dead_letter_queue.name}-filled"
  alarm_description   = "There are messages in ${aws_sqs_queue.dead_letter_queue.name}: Glidepath could not read them, or EventBridge could not deliver them. Look at one, then move them back or purge the queue. What to do: docs/runbooks/dead-letters.md"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letter_queue.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]
}
