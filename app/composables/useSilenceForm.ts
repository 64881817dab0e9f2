import { dayIn, timeOf } from '#shared/text/day-start'
import { formatClock } from '#shared/text/format'
import { createSilence, type SilenceMatch } from '#shared/schemas/alert-silence'
import { DAY, HOUR, MINUTE } from '#shared/units'
import type { SentAlert } from '#shared/schemas/alerts'

/** A silence being written, from now on for a while or as maintenance between two times of the reader's zone. */
export function useSilenceForm(initial: Partial<SilenceMatch>) {
  const text = useText()
  const now = useNow()
  const local = (at: Date) => `${dayIn(text.zone, at)}T${formatClock(at, text.zone, 'minute')}`
  const hour = new Date(Math.ceil(now.value.getTime() / HOUR) * HOUR)
  const state = reactive({
    kind: 'silence' as 'silence' | 'maintenance',
    rule: initial.rule ?? '', service: initial.service ?? '', endpoint: initial.endpoint ?? '', consumer: initial.consumer ?? '',
    lasting: String(HOUR), from: local(hour), to: local(new Date(hour.getTime() + 2 * HOUR)), weekly: false, reason: '',
  })
  const lengths = [30 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY]
  const match = computed<SilenceMatch>(() => ({ rule: state.rule || null, service: state.service || null, endpoint: state.endpoint || null, consumer: state.consumer || null }))

  const fromLocal = (written: string) => {
    const [, day, clock] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(written) ?? []
    return day && clock ? timeOf(day, clock, text.zone).toISOString() : written
  }
  /** As the schema wants it; a silence that begins now says only when it ends. */
  const whole = () => ({
    kind: state.kind, match: match.value, zone: text.zone, reason: state.reason,
    ...(state.kind === 'silence'
      ? { to: new Date(Date.now() + Number(state.lasting)).toISOString(), weekly: false }
      : { from: fromLocal(state.from), to: fromLocal(state.to), weekly: state.weekly }),
  })

  /** How many of these alerts it would keep still. */
  function countFitting(alerts: readonly SentAlert[]): number {
    const { rule, service, endpoint, consumer } = match.value
    return alerts.filter(alert => (rule === null || rule === alert.rule || (rule === 'alertmanager' && alert.origin === 'alertmanager'))
      && (service === null || service === alert.subject.service.toLowerCase() || service === alert.subject.remote?.toLowerCase())
      && (endpoint === null || endpoint === alert.endpoint?.id) && (consumer === null || consumer === alert.subject.consumer)).length
  }

  return { state, lengths, match, whole, countFitting, schema: createSilence }
}
