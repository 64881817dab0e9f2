import { isBuiltInRule } from '#shared/alerting/built-in-rules'
import type { AlertRule, Condition, FigureUnit, ListedRule, RuleNow, SubjectView, Target } from '#shared/schemas/alert-rule'
import type { Severity } from '#shared/alerting/severity'
import type { State } from '#shared/status/state'
import { HOUR, MINUTE } from '#shared/units'
import { formatDuration, formatDurationInWords, formatRate, formatRatio, formatTimes } from '#shared/text/format'

/** Rules, their subjects and what they do now, in words. */
export function useAlertWords() {
  const text = useText()

  /** Times that people set are round: `2 min`, not `2 min 0 s`. */
  function length(ms: number): string {
    const [hours, minutes] = [Math.floor(ms / HOUR), Math.floor(ms % HOUR / MINUTE)]
    if (text.language === 'ko' || ms < MINUTE || ms % MINUTE) return formatDurationInWords(ms * 1_000, text.language)
    return [hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean).join(' ')
  }

  /** A figure as people read it, by its unit: µs, requests a second, a share, times as much. */
  function figure(unit: FigureUnit, value: number, own = ''): string {
    switch (unit) {
      case 'duration': return formatDuration(value)
      case 'ratio': return formatRatio(value)
      case 'times': return formatTimes(value, text.language)
      case 'rate': return `${formatRate(value)} ${text('app.unit.perSecond')}`
      case 'number': return `${Number(value.toPrecision(4))}${own && ` ${own}`}`
    }
  }

  function measureOf(condition: Condition): string {
    switch (condition.kind) {
      case 'anomaly': return text('alerts.condition.usual', { measure: { text: `alerting.measure.${condition.measure}` } })
      case 'burn': return text('alerts.condition.burnMeasure')
      case 'absence': return text('alerts.condition.absenceMeasure')
      case 'promql': return text('alerts.condition.promql')
      default: return text(`alerting.measure.${condition.measure}`)
    }
  }

  function limitOf(condition: Condition): string {
    switch (condition.kind) {
      case 'threshold': return figure(condition.measure === 'rate' ? 'rate' : 'duration', condition.measure === 'rate' ? condition.limit : condition.limit * 1_000)
      case 'ratio': return figure('ratio', condition.limit)
      case 'anomaly': return figure('times', condition.limit)
      case 'burn': return figure('times', condition.rate)
      case 'absence': return length(condition.window)
      case 'promql': return figure('number', condition.limit, condition.unit)
    }
  }

  function conditionOf({ condition, for: patience }: Pick<AlertRule, 'condition' | 'for'>): string {
    const said = condition.kind === 'burn'
      ? text('alerts.condition.burn', { limit: limitOf(condition), long: length(condition.long), short: length(condition.short) })
      : condition.kind === 'absence'
        ? text('alerts.condition.absence', { window: length(condition.window) })
        : text(`alerts.condition.${condition.comparator}`, { limit: limitOf(condition) })
    return patience ? text('alerts.condition.for', { condition: said, for: length(patience) }) : said
  }

  function targetOf(target: Target, endpoint: ListedRule['endpoint'] = null): string {
    switch (target.kind) {
      case 'service': return target.service ?? text('alerts.subject.each.service')
      case 'consumer': {
        const consumer = target.consumer ?? text('alerts.subject.each.consumer')
        return target.service ? text('alerts.subject.consumerOf', { consumer, service: target.service }) : consumer
      }
      case 'endpoint': {
        if (target.endpoint === null) return text('alerts.subject.each.endpoint')
        return endpoint ? `${endpoint.method} ${endpoint.template}` : text('alerts.subject.gone')
      }
      case 'series': return text('alerts.subject.series')
    }
  }

  /** A subject in one line, for a name where marks have no place. */
  function subjectOf({ service, remote, method, routeKey, consumer, operation }: SubjectView): string {
    if (remote) return text('alerts.subject.edge', { service, remote })
    if (routeKey !== undefined) return `${method} ${routeKey}`.trim()
    if (consumer) return service ? text('alerts.subject.consumerOf', { consumer, service }) : consumer
    return operation ? `${service} ${operation}` : service
  }

  function nowOf({ state, firing, pending }: RuleNow): string {
    switch (state) {
      case null: return text('alerts.now.unjudged')
      case 'firing': return text('alerts.now.firing', { count: firing })
      case 'pending': return text('alerts.now.pending', { count: pending })
      default: return text(`alerts.now.${state}`)
    }
  }

  const builtInText = (id: string, part: 'name' | 'measures' | 'where' | 'condition' | 'does') => text(`alerts.builtIn.${isBuiltInRule(id) ? id : 'unknown'}.${part}`)
  const nameOf = ({ id, rule }: Pick<ListedRule, 'id' | 'rule'>) => rule?.name ?? builtInText(id, 'name')

  /** Whose alert it is; for what came from outside its origin. */
  const nameOfAlert = ({ rule, ruleName, origin }: { rule: string, ruleName: string | null, origin?: string }) => ruleName ?? (origin === 'alertmanager' ? text('alerts.origin.alertmanager') : builtInText(rule, 'name'))

  return { figure, length, measureOf, limitOf, conditionOf, targetOf, subjectOf, nowOf, builtInText, nameOf, nameOfAlert }
}

/** How many fires an alert of a severity has; an insight is nothing to be warned of. */
export function firesOfSeverity(severity: Severity): State {
  return severity === 'critical' ? 'critical' : severity === 'warning' ? 'degraded' : 'unknown'
}
