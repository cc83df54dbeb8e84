{{- define "glidepath.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "glidepath.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "glidepath.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "glidepath.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of what belongs to the whole cluster: two releases in two namespaces do not meet. */}}
{{- define "glidepath.clusterName" -}}
{{- if eq .Release.Namespace (include "glidepath.fullname" .) -}}
{{- include "glidepath.fullname" . -}}
{{- else -}}
{{- printf "%s-%s" (include "glidepath.fullname" .) .Release.Namespace | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "glidepath.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "glidepath.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name must name the ServiceAccount to use, for serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "glidepath.selectorLabels" -}}
app.kubernetes.io/name: {{ include "glidepath.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "glidepath.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "glidepath.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "glidepath.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* One option a line, under the name of its variable: lastCall.enabled is GLIDEPATH_LAST_CALL_ENABLED. */}}
{{- define "glidepath.variables" -}}
{{- range $key, $value := .options }}
{{- $name := printf "%s_%s" $.prefix ($key | snakecase | upper) }}
{{- if kindIs "map" $value }}
{{- include "glidepath.variables" (dict "prefix" $name "options" $value) }}
{{- else if not (eq (toString $value) "") }}
{{ $name }}: {{ toString (kindIs "float64" $value | ternary (int64 $value) $value) | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "glidepath.httpPort" -}}
{{- dig "http" "port" 8080 .Values.config | int -}}
{{- end -}}

{{/* Whether anything may be changed at all: a dry run needs no right to. */}}
{{- define "glidepath.writes" -}}
{{- if not (dig "dryRun" false .Values.config) }}true{{ end -}}
{{- end -}}

{{- define "glidepath.deletes" -}}
{{- if and (include "glidepath.writes" .) (dig "lastCall" "enabled" true .Values.config) }}true{{ end -}}
{{- end -}}
