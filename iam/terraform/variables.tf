variable "cluster_name" {
  type        = string
  description = "The name of the EKS cluster."

  validation {
    condition     = can(regex("^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$", var.cluster_name))
    error_message = "cluster_name must be the name of an EKS cluster, such as demo."
  }
}

variable "namespace" {
  type        = string
  default     = "glidepath"
  description = "The namespace Glidepath is installed in."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace must be the name of a namespace, such as glidepath."
  }
}

variable "service_account" {
  type        = string
  default     = "glidepath"
  description = "The name of Glidepath's ServiceAccount."

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", var.service_account))
    error_message = "service_account must be the name of a ServiceAccount, such as glidepath."
  }
}

variable "oidc_provider_arn" {
  type        = string
  default     = ""
  description = "The ARN of the cluster's OpenID Connect provider in IAM, such as arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE. With it the role is for IAM roles for service accounts, without it for EKS Pod Identity."

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/.+)?$", var.oidc_provider_arn))
    error_message = "oidc_provider_arn must be the ARN of an OpenID Connect provider in IAM, or empty."
  }
}

variable "pod_identity_association" {
  type        = bool
  default     = true
  description = "Whether to associate the role with the ServiceAccount. If not, somebody else does. Without a meaning where oidc_provider_arn is given."
}

variable "auto_scaling_groups" {
  type        = string
  description = "The groups whose lifecycle actions Glidepath hears of and may heartbeat and complete: a name in which stars stand for any characters, such as demo-*. A mere star is all groups, of which the tag must then select some."

  validation {
    condition     = var.auto_scaling_groups != "" && can(regex("^\\*?([0-9A-Za-z ._/@+=-]+\\*)*[0-9A-Za-z ._/@+=-]*$", var.auto_scaling_groups))
    error_message = "auto_scaling_groups must be a name of letters, digits, blanks and ._/@+=- in which stars, no two of them together, stand for any characters."
  }

  validation {
    condition     = var.auto_scaling_groups != "*" || var.auto_scaling_group_tag_key != ""
    error_message = "auto_scaling_groups is a mere star; name the groups, such as demo-*, or set auto_scaling_group_tag_key."
  }
}

variable "auto_scaling_group_tag_key" {
  type        = string
  default     = ""
  description = "The key of a tag the groups must bear as well, such as kubernetes.io/cluster/demo. EventBridge knows no tags, so Glidepath hears of other groups too, and may not touch them."

  validation {
    condition     = can(regex("^[0-9A-Za-z._:/=+@-]{0,128}$", var.auto_scaling_group_tag_key))
    error_message = "auto_scaling_group_tag_key must be the key of a tag, of letters, digits and ._:/=+@-."
  }

  validation {
    condition     = (var.auto_scaling_group_tag_key == "") == (var.auto_scaling_group_tag_value == "")
    error_message = "auto_scaling_group_tag_key and auto_scaling_group_tag_value go together; set both or neither."
  }
}

variable "auto_scaling_group_tag_value" {
  type        = string
  default     = ""
  description = "The value of that tag, such as owned."

  validation {
    condition     = can(regex("^[0-9A-Za-z ._:/=+@-]{0,256}$", var.auto_scaling_group_tag_value))
    error_message = "auto_scaling_group_tag_value must be the value of a tag, of letters, digits, blanks and ._:/=+@-."
  }
}

variable "direct_hooks" {
  type        = bool
  default     = false
  description = "Whether to make the role that lifecycle hooks need to notify the queue themselves, rather than by EventBridge."
}

variable "queue_name" {
  type        = string
  default     = ""
  description = "The name of the queue. Without it, glidepath- and the name of the cluster."

  validation {
    condition     = can(regex("^[0-9A-Za-z_-]{0,76}$", var.queue_name))
    error_message = "queue_name must be at most 76 letters, digits, dashes and underscores."
  }
}

variable "kms_key_arn" {
  type        = string
  default     = ""
  description = "The ARN of a customer managed key of KMS to encrypt the queues with; its policy must let EventBridge use it. Without it SQS encrypts them with keys of its own."

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/.+)?$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key of KMS, or empty."
  }
}

variable "alarm_topic_arn" {
  type        = string
  default     = ""
  description = "The ARN of a topic of SNS that alarms notify. Without it there are none."

  validation {
    condition     = can(regex("^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+)?$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn must be the ARN of a topic of SNS, or empty."
  }
}

variable "doctor_access" {
  type        = bool
  default     = false
  description = "Whether the role may also look at what leads to the queue, for the command glidepath doctor."
}
