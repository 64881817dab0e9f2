import { dayIn, timeOf } from '#shared/text/day-start'
import { formatClock } from '#shared/text/format'
import { createSilence, type CreateSilence, type SilenceMatch } from '#shared/schemas/alert-silence'
import type { SentAlert } from '#shared/schemas/alerts'
import { fieldIssues } from '#shared/schemas/issue'
import { DAY, HOUR, MINUTE } from '#shared/units'
import type { Problem } from './problem'

/**
 * A silence being written, from now on for a while or as maintenance between two times of the reader's zone: checked by
 * the schema that the server uses, quiet until first sent.
 */
export function useSilenceForm(initial: Partial<SilenceMatch>) {
  const text = useText()
  const now = useNow()
  const local = (at: Date) => `${dayIn(text.zone, at)}T${formatClock(at, text.zone, 'minute')}`
  const hour = new Date(Math.ceil(now.value.getTime() / HOUR) * HOUR)
  const form = reactive({
    kind: 'silence' as 'silence' | 'maintenance',
    rule: initial.rule ?? '', service: initial.service ?? '', endpoint: initial.endpoint ?? '', consumer: initial.consumer ?? '',
    lasting: String(HOUR), from: local(hour), to: local(new Date(hour.getTime() + 2 * HOUR)), weekly: false, reason: '',
  })
  const lengths = [30 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY]
  const match = computed<SilenceMatch>(() => ({ rule: form.rule || null, service: form.service || null, endpoint: form.endpoint || null, consumer: form.consumer || null }))

  const sent = ref(false)
  const busy = ref(false)
  const problem = ref<Problem>()
  const parsed = computed(() => createSilence.safeParse(whole(now.value), { reportInput: true }))
  const issues = computed<Record<string, string | undefined>>(() => {
    if (!sent.value || parsed.value.success) return {}
    return Object.fromEntries(fieldIssues('body', parsed.value.error).map(({ field, code, params }) => [field.split('.')[0], text(code as 'error.issue.type', params)]))
  })

  function fromLocal(written: string): string {
    const [, day, clock] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(written) ?? []
    return day && clock ? timeOf(day, clock, text.zone).toISOString() : written
  }

  /** As the schema wants it; a silence that begins now says only when it ends. */
  function whole(at: Date) {
    return {
      kind: form.kind, match: match.value, zone: text.zone, reason: form.reason,
      ...(form.kind === 'silence'
        ? { to: new Date(at.getTime() + Number(form.lasting)).toISOString(), weekly: false }
        : { from: fromLocal(form.from), to: fromLocal(form.to), weekly: form.weekly }),
    }
  }

  /** True once it stands. */
  async function submit(save: (silence: CreateSilence) => Promise<unknown>): Promise<boolean> {
    sent.value = true
    problem.value = undefined
    if (!parsed.value.success || busy.value) return false
    busy.value = true
    try {
      await save(createSilence.parse(whole(new Date())))
      return true
    }
    catch (error) {
      problem.value = problemOf(error)
      return false
    }
    finally {
      busy.value = false
    }
  }

  /** How many of these alerts it would keep still. */
  function countFitting(alerts: readonly SentAlert[]): number {
    const { rule, service, endpoint, consumer } = match.value
    return alerts.filter(alert => (rule === null || rule === alert.rule || (rule === 'alertmanager' && alert.origin === 'alertmanager'))
      && (service === null || service === alert.subject.service.toLowerCase() || service === alert.subject.remote?.toLowerCase())
      && (endpoint === null || endpoint === alert.endpoint?.id) && (consumer === null || consumer === alert.subject.consumer)).length
  }

  return { form, lengths, match, issues, problem, busy, submit, countFitting }
}
