output "queue_url" {
  description = "The chart's config.queueUrl."
  value       = aws_sqs_queue.queue.url
}

output "queue_arn" {
  description = "The notification_target_arn of lifecycle hooks that notify the queue themselves."
  value       = aws_sqs_queue.queue.arn
}

output "dead_letter_queue_url" {
  description = "Where to look for messages that were not delivered or not understood."
  value       = aws_sqs_queue.dead_letter_queue.url
}

output "role_arn" {
  description = "With an oidc_provider_arn, the annotation eks.amazonaws.com/role-arn in the chart's serviceAccount.annotations. EKS Pod Identity wants no value in the chart."
  value       = aws_iam_role.role.arn
}

output "notification_role_arn" {
  description = "The role_arn of lifecycle hooks that notify the queue themselves; null without direct_hooks."
  value       = one(aws_iam_role.notification_role[*].arn)
}
