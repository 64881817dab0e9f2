import { describe, expect, it } from 'vitest'
import { emptyRule, fieldOfProblem, fromRuleForm, ruleOfQuery, toRuleForm } from '#shared/alerting/rule-form'
import { alertRuleFields, type AlertRuleFields } from '#shared/schemas/alert-rule'
import { fieldIssues } from '#shared/schemas/issue'
import { HOUR, MINUTE } from '#shared/units'
import { conditions, ruleFields, targets } from '../../../support/alert-rule'

const id = '11111111-1111-4111-8111-111111111111'
const issuesOf = (form: Partial<typeof emptyRule>) => {
  const result = alertRuleFields.safeParse(fromRuleForm({ ...emptyRule, name: 'a', limit: '1', ...form }, false), { reportInput: true })
  return result.success ? [] : fieldIssues('body', result.error).map(({ field, code }) => [fieldOfProblem(field), code])
}

describe('the form of a rule', () => {
  it.each<[string, Partial<AlertRuleFields>]>([
    ['a p95', { condition: conditions.p95({ limit: 700, window: 5 * MINUTE }) }],
    ['a rate that is too low', { condition: conditions.p95({ measure: 'rate', comparator: 'below', limit: 0.5 }) }],
    ['a share of 0.7 percent', { condition: conditions.failed({ limit: 0.007 }) }],
    ['a share of 4xx', { condition: conditions.failed({ measure: 'client_errors' }) }],
    ['a budget', { condition: conditions.burn({ objective: 0.999, long: 6 * HOUR, short: 30 * MINUTE }) }],
    ['an anomaly', { condition: conditions.anomaly({ measure: 'failed' }) }],
    ['an absence', { condition: conditions.absence() }],
    ['a query', { condition: conditions.promql({ limit: -1.5 }), target: targets.series() }],
    ['every endpoint', { target: targets.endpoint() }],
    ['one endpoint', { target: targets.endpoint(id) }],
    ['a consumer with a colon in its name', { target: targets.consumer('shop:eu:1', 'api-gateway') }],
    ['its times, owner and run book', { for: 2 * MINUTE, keepFiring: 10 * MINUTE, ownerTeam: 'payments', runbook: 'https://wiki.example/run', severity: 'critical' }],
  ])('gives back what it was given: %s', (_, rest) => {
    const fields = ruleFields(rest)
    expect(alertRuleFields.parse(fromRuleForm(toRuleForm(fields), false))).toEqual(fields)
  })

  it.each([
    ['histogram_quantile(0.95, rate(http_server_request_duration_seconds_bucket[5m]))', 's'],
    ['process_resident_memory_bytes', 'B'],
    ['sum(rate(http_requests_total[5m]))', ''],
  ])('begins with a query, which needs no more than a name and a limit: %s', (query, unit) => {
    const { name, limit, ...given } = ruleOfQuery(query)
    expect([name, limit]).toEqual(['', ''])
    expect(alertRuleFields.parse(fromRuleForm({ ...given, name: 'a', limit: '2' }, false))).toMatchObject({ condition: { kind: 'promql', query, unit, limit: 2 }, target: { kind: 'series' } })
  })

  it.each([
    ['a limit that is missing', { limit: '' }, [['limit', 'error.issue.required']]],
    ['a limit that is no number', { limit: 'fast' }, [['limit', 'error.issue.type']]],
    ['a share above 100 percent', { measure: 'failed', limit: '120' }, [['limit', 'error.issue.big']]],
    ['half a minute', { window: '0.5' }, [['window', 'error.issue.small']]],
    ['a query that is missing', { measure: 'promql' }, [['query', 'error.issue.required']]],
    ['a budget whose windows are swapped', { measure: 'burn', limit: '14', long: '1', window: '90' }, [['window', 'alerting.form.problem.short']]],
    ['a run book that is no address', { runbook: 'wiki' }, [['runbook', 'alerting.form.problem.runbook']]],
  ] as const)('says at its field what is wrong: %s', (_, form, issues) => {
    expect(issuesOf(form as Partial<typeof emptyRule>)).toEqual(expect.arrayContaining([issues[0]]))
  })
})
