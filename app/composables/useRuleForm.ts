import { emptyRule, fieldOfProblem, fromRuleForm, ruleOfQuery, toRuleForm, type RuleForm } from '#shared/alerting/rule-form'
import { alertRuleFields, type AlertRule, type AlertRuleFields, type RulePreview } from '#shared/schemas/alert-rule'
import { fieldIssues } from '#shared/schemas/issue'
import type { Problem } from './problem'

/**
 * A rule being written: checked by the schema that the server uses, quiet until first sent; and while it is right, what
 * it would have done in the last 24 hours. A new one may begin with a query.
 */
export function useRuleForm(rule: () => AlertRule | undefined, query?: string) {
  const text = useText()
  const form = ref<RuleForm>(initial())
  const sent = ref(false)
  const busy = ref(false)
  const problem = ref<Problem>()
  const refused = ref<Partial<Record<keyof RuleForm, string>>>({})

  const parsed = computed(() => alertRuleFields.safeParse(fromRuleForm(form.value, rule()?.paused ?? false), { reportInput: true }))
  const issues = computed(() => {
    if (!sent.value) return refused.value
    const own = parsed.value.success ? [] : fieldIssues('body', parsed.value.error).map(({ field, code, params }) => [fieldOfProblem(field), text(code as 'error.issue.type', params)])
    return { ...refused.value, ...Object.fromEntries(own) as Partial<Record<keyof RuleForm, string>> }
  })
  watch(form, () => (refused.value = {}), { deep: true })

  function initial(): RuleForm {
    const open = rule()
    if (open) return toRuleForm(open)
    return query ? ruleOfQuery(query) : { ...emptyRule }
  }

  function reset() {
    form.value = initial()
    sent.value = false
    problem.value = undefined
  }

  /** What became of it, once it stands. */
  async function submit<T>(save: (fields: AlertRuleFields) => Promise<T>, paused = rule()?.paused ?? false): Promise<T | undefined> {
    sent.value = true
    problem.value = undefined
    if (!parsed.value.success || busy.value) return undefined
    busy.value = true
    try {
      return await save({ ...parsed.value.data, paused })
    }
    catch (error) {
      problem.value = problemOf(error)
      const { code, params } = problem.value
      refused.value = code === 'alert_rule.name_taken' ? { name: text('error.alert_rule.name_taken', params) } : Object.fromEntries(problem.value.issues?.map(({ field, message }) => [fieldOfProblem(field.replace(/^fields\./, '')), message]) ?? [])
      return undefined
    }
    finally {
      busy.value = false
    }
  }

  return { form, parsed, issues, problem, busy, submit, reset, ...usePreview(form) }
}

/** Asked when the form rests and holds a rule; an answer to an older question is dropped. */
function usePreview(form: Ref<RuleForm>) {
  const preview = shallowRef<RulePreview>()
  const looking = ref(false)
  const failed = ref<Problem>()
  let rest: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  // How it is called does not matter to what it would have done.
  const judged = computed(() => {
    const result = alertRuleFields.safeParse(fromRuleForm({ ...form.value, name: 'preview', runbook: '' }, false))
    return result.success ? JSON.stringify(result.data) : undefined
  })

  async function look(question: string) {
    const number = ++asked
    looking.value = true
    failed.value = undefined
    try {
      const answer = await send<RulePreview>('POST', '/api/alerts/rules/preview', JSON.parse(question) as Record<string, unknown>)
      if (number === asked) preview.value = answer
    }
    catch (error) {
      if (number === asked) failed.value = problemOf(error)
    }
    finally {
      if (number === asked) looking.value = false
    }
  }

  watch(judged, (question) => {
    clearTimeout(rest)
    asked++
    looking.value = question !== undefined
    if (question === undefined) preview.value = undefined
    else rest = setTimeout(() => look(question), 400)
  })
  onMounted(() => judged.value !== undefined && look(judged.value))
  onBeforeUnmount(() => clearTimeout(rest))

  return { preview, looking, failed }
}
